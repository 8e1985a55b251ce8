"""The group of commands ``codezest-sql migrate``."""
