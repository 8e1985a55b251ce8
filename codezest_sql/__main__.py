"""``python -m codezest_sql`` is ``codezest-sql``."""

from codezest_sql.cli.main import main

if __name__ == "__main__":
    main()
