"""What breaks the schema's rules, as findings with places, less what is ignored where it is made. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.lint.finding import Finding, Severity, Source, in_order
from codezest_sql.core.lint.ignores import apply_ignores, read_ignores
from codezest_sql.core.lint.run import shown_line
from codezest_sql.core.lint.schema.places import SchemaPlaces
from codezest_sql.core.lint.schema.rules import SCHEMA_RULES
from codezest_sql.core.text.source_text import SourceText
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.lint.schema.facts import Catalog
    from codezest_sql.core.lint.schema.rules import SchemaRule
    from codezest_sql.core.lint.settings import Severities
    from codezest_sql.core.migrations.files.folder import MigrationFolder


def wanted_rules(severities: Severities) -> tuple[SchemaRule, ...]:
    """Return the rules that the project asks for: by default none."""
    return tuple(rule for rule in SCHEMA_RULES if severities.of(rule.code, Severity.OFF) is not Severity.OFF)


def schema_findings(catalog: Catalog, folder: MigrationFolder, severities: Severities) -> tuple[Finding, ...]:
    """Return what breaks the rules that the project asks for."""
    places = SchemaPlaces(folder.migrations)
    sources = {each.up.file: SourceText.of(each.up.file, each.up.text) for each in folder.migrations}
    by_file: dict[str, list[Finding]] = {}
    for rule in wanted_rules(severities):
        severity = severities.of(rule.code, Severity.OFF)
        for broken in rule.find(catalog):
            place = places.place(broken.of, broken.what) or Place(folder.path)
            source = sources.get(place.file)
            shown = shown_line(source, place) if source else ""
            finding = Finding(rule.code, severity, place, broken.message, rule.hint, Source.SCHEMA, shown)
            by_file.setdefault(place.file, []).append(finding)
    return in_order(_unignored(by_file, folder, sources, severities))


def _unignored(
    by_file: dict[str, list[Finding]],
    folder: MigrationFolder,
    sources: dict[str, SourceText],
    severities: Severities,
) -> Iterator[Finding]:
    asked = {rule.code for rule in wanted_rules(severities)}
    for migration in folder.migrations:
        source = sources[migration.up.file]
        ignores, _ = read_ignores(source, migration.up.statements)
        ours = [each for each in ignores if each.code.startswith("schema")]
        yield from apply_ignores(by_file.pop(source.file, []), ours, source, judged=asked.__contains__)
    for rest in by_file.values():
        yield from rest
