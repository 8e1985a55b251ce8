"""Where the CodeZest schema is: inside an installed wheel, or next to the package in a checkout."""

from __future__ import annotations

from pathlib import Path

import codezest_sql
from codezest_sql.core.settings import PackagedSchema

# `codezest-sql platform partitions` creates their months.
_MANAGED_PARTITIONS = ("activity.user_activities", "activity.analytics_events")


def packaged_schema() -> PackagedSchema:
    """Return the CodeZest schema, which ``--bundled`` names."""
    return PackagedSchema(str(sql_folder()), _MANAGED_PARTITIONS)


def sql_folder() -> Path:
    """Return the folder with the migrations, queries and seeds of the CodeZest schema."""
    package = Path(codezest_sql.__file__).parent
    installed = package / "_sql"
    return installed if installed.is_dir() else package.parent / "sql"
