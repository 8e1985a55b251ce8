"""Every jsonb column of the CodeZest schema has a declared type, and what the seeds put there is of that type."""

from __future__ import annotations

import importlib

from codezest_sql.actions.project.settings import load_settings
from tests.paths import ROOT
from tests.projects import rows

DECLARED = {column: python.text for column, python in load_settings(start=ROOT).json_types}
JSON_COLUMNS = """
    SELECT n.nspname || '.' || c.relname || '.' || a.attname
    FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('auth', 'learning', 'payments', 'notifications', 'activity')
        AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.atttypid IN ('json'::regtype, 'jsonb'::regtype)
"""


def test_every_json_column_has_a_declared_type(migrated_shared: str) -> None:
    assert {name for (name,) in rows(migrated_shared, JSON_COLUMNS)} == set(DECLARED)


def test_the_generated_models_have_them() -> None:
    for column, text in DECLARED.items():
        schema, _, name = column.split(".")
        models = importlib.import_module(f"codezest_sql.platform.models.{schema}")
        annotations = {
            field: model.__annotations__[field]
            for model in vars(models).values()
            if isinstance(model, type) and model.__module__ == models.__name__
            for field in getattr(model, "__annotations__", {})
            if field == name
        }
        assert annotations[name].removesuffix(" | None") == text, column
