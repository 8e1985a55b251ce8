"""Generates the code of a small project in a folder of its own, as ``generate`` does for one with migrations.

A case of tests/cases/generate is ``schema.sql``, ``queries/**.sql``, and ``settings.toml`` where it has settings.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from codezest_sql.actions.checking import check_files
from codezest_sql.core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
