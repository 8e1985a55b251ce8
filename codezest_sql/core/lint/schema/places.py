"""Where the folder makes what the catalog names: the statement, so that a finding has a place. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.ddl.changes import AlterTable, CreateIndex, CreateSchema, CreateTable, CreateType, OnTable
from codezest_sql.core.ddl.read import read_statement
from codezest_sql.core.ddl.schema_so_far import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codezest_sql.core.migrations.files.script import Migration, Script
    from codezest_sql.core.sql.statements import Statement
    from codezest_sql.place import Place


class SchemaPlaces:
    """The statements of a folder by what they make: tables, their parts, indexes, types, schemas."""

    def __init__(self, migrations: Iterable[Migration]) -> None:
        self._made: dict[tuple[str, str], tuple[Script, int]] = {}
        for migration in migrations:
            script, state = migration.up, State()
            for statement in script.statements:
                read = read_statement(script.text, statement, state.schema)
                state.apply(read.effect, script.file)
                self._note(script, statement, read.effect)

    def place(self, of: str, what: str) -> Place | None:
        """Return where ``what`` of a table is made, else the table itself; None if the folder does not show it."""
        found = self._made.get((of, what)) or self._made.get((of, of))
        return found[0].place(found[1]) if found else None

    def _note(self, script: Script, statement: Statement, effect: object) -> None:
        made: list[tuple[str, str, int]] = []
        if isinstance(effect, CreateTable):
            made = [(effect.name, effect.name, statement.start)]
            made += [(effect.name, each.name, each.offset) for each in effect.columns]
            made += [(effect.name, each.name, each.offset) for each in effect.constraints if each.name]
            made += [
                (effect.name, part.name, part.offset)
                for each in effect.columns
                for part in each.constraints
                if part.name
            ]
        elif isinstance(effect, AlterTable):
            for action in effect.actions:
                names = [action.name, action.new_name, action.constraint.name if action.constraint else ""]
                made += [(effect.name, name, action.offset) for name in names if name]
        elif isinstance(effect, CreateIndex) and effect.name:
            made = [(effect.table, effect.name.rpartition(".")[2], statement.start)]
        elif isinstance(effect, (CreateType, CreateSchema)):
            made = [(effect.name, effect.name, statement.start)]
        elif isinstance(effect, OnTable):
            made = [(effect.table, effect.what, statement.start)]
        for of, what, offset in made:
            self._made[of, what] = (script, offset)
