"""Merges squawk's findings with ours: duplicates are reported once, and refuted ones are left out. Pure.

Squawk reads one file; we know what the folder has made before it, and what a change of a type really does. So where
one of our rules is equivalent to one of squawk's, ours decides if we understand the statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.ddl.read import read_statement
from codezest_sql.core.lint.finding import Finding, Severity, Source
from codezest_sql.core.lint.rules import RULES
from codezest_sql.core.lint.run import shown_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codezest_sql.core.sql.statements import Statement
    from codezest_sql.core.text.source_text import SourceText
    from codezest_sql.place import Place

OURS = {name: rule.code for rule in RULES for name in rule.squawk}
# What is about a file as a whole is ours to decide, whatever statement squawk points at.
_OF_FILES = {name for rule in RULES if rule.find_in_file and not rule.find for name in rule.squawk}


# The codes with which sqlfluff states that it cannot read a text.
UNPARSABLE = frozenset({"PRS", "LXR", "TMP"})


def squawk_finding(rule: str, place: Place, message: str, hint: str, source: SourceText) -> Finding:
    """Return what squawk found as a finding."""
    severity = Severity.NOTE if rule.startswith("prefer-") else Severity.WARNING
    return Finding(f"squawk:{rule}", severity, place, message, hint, Source.SQUAWK, shown_line(source, place))


def sqlfluff_finding(code: str, place: Place, message: str, source: SourceText) -> Finding:
    """Return what sqlfluff found as a finding."""
    said = message.rstrip(".")
    severity = Severity.WARNING
    if code in UNPARSABLE:
        # PostgreSQL takes much that sqlfluff does not know: no reason to fail, and nothing to be silent about.
        severity = Severity.NOTE
        said = f"{said}: its style was not checked" if code == "PRS" else said
    return Finding(f"sqlfluff:{code}", severity, place, said, "", Source.SQLFLUFF, shown_line(source, place))


def adjudicate(
    found: Sequence[Finding], statements: Sequence[Statement], source: SourceText, *, undoes: bool
) -> Iterator[Finding]:
    """Give those of squawk's findings that our rules do not decide; undoing is what a rollback drops things for."""
    for finding in found:
        rule = finding.code.partition(":")[2]
        if undoes and rule.startswith("ban-drop-"):
            continue
        if rule in _OF_FILES or (rule in OURS and _is_understood(finding.place, statements, source)):
            continue
        yield finding


def _is_understood(place: Place, statements: Sequence[Statement], source: SourceText) -> bool:
    offset = source.line_starts[min(place.line, len(source.line_starts)) - 1] + place.column - 1
    for statement in statements:
        if statement.start <= offset <= statement.end + 1:
            return read_statement(source.text, statement).effect is not None
    return True
