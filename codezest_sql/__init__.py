"""Write SQL, get typed Python: the public names of codezest-sql, and nothing else."""

__version__ = "0.1.0"

__all__ = ["__version__"]
