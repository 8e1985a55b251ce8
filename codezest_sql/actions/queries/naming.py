"""The classes of a project's database, named by its settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codezest_sql.core.python_code.names.model_names import name_models
from codezest_sql.core.python_code.names.singular import singular
from codezest_sql.ledger import LEDGER_TABLES

if TYPE_CHECKING:
    from codezest_sql.core.describe.model_facts import ModelFacts
    from codezest_sql.core.python_code.names.model_names import ModelNames
    from codezest_sql.core.settings import Settings

# Where a project generates nothing, its classes have their names all the same: check prints them.
_NO_PACKAGE = "db"


def modelled(settings: Settings, facts: ModelFacts) -> ModelFacts:
    """Return the facts of what gets a class: neither the ledger nor the schemas of ``ignore_schemas``."""
    ignored = frozenset(settings.ignore_schemas)
    return replace(
        facts,
        relations={
            oid: one
            for oid, one in facts.relations.items()
            if one.schema not in ignored and one.name not in LEDGER_TABLES
        },
        types={oid: one for oid, one in facts.types.items() if one.kind != "e" or one.schema not in ignored},
    )


def name_classes(settings: Settings, facts: ModelFacts) -> ModelNames:
    """Return the names of the classes."""
    return name_models(
        modelled(settings, facts),
        package=settings.output.package if settings.output else _NO_PACKAGE,
        singular=singular,
        initialisms=settings.initialisms,
        model_names=dict(settings.model_names),
    )
