"""Severities that a project chooses: ``[tool.codezest-sql.lint] CODE = "error|warning|note|off"``.

A code is a rule's, ``sqlfluff:CODE`` or ``squawk:RULE``; ``sqlfluff`` and ``squawk`` alone are all that these find,
``schema`` all rules of the schema.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from codezest_sql.core.lint.finding import Severity
from codezest_sql.core.text.suggestion import did_you_mean

if TYPE_CHECKING:
    from codezest_sql.core.lint.finding import Finding

# What means all codes that begin so.
GROUPS = ("sqlfluff", "squawk", "schema")
# What review finds and lint does not: it may be ignored in the same way. review adds its codes here.
OF_REVIEW = (
    "fails-with-rows",
    "invalid-index",
    "measured-rewrite",
    "measured-scan",
    "measured-while-locked",
    "migration-edited",
    "migration-failed",
    "migration-missing",
    "no-primary-key",
    "not-measured",
    "not-validated",
    "query-breaks",
    "redundant-index",
    "rollback-fails",
    "rollback-wrong",
    "unindexed-foreign-key",
)
# Of these, what needs a release to compare with.
OF_RELEASES = frozenset({"migration-edited", "migration-missing", "query-breaks"})
# What is wrong with the comments that ignore something. These cannot be ignored themselves.
OF_IGNORES = ("ignore", "ignore-without-reason", "unused-ignore")
# With these sqlfluff states that it cannot read a statement.
_UNPARSABLE = frozenset({"sqlfluff:PRS", "sqlfluff:LXR", "sqlfluff:TMP"})
# A tool's own codes.
_OF_TOOLS = re.compile(r"sqlfluff:[A-Z]{2,3}[0-9]{0,2}|squawk:[a-z][a-z-]*")


@dataclass(frozen=True, slots=True)
class Severities:
    """What the project chose, by code."""

    chosen: tuple[tuple[str, Severity], ...] = ()

    def of(self, code: str, default: Severity) -> Severity:
        """Return the severity of a code: its own, its tool's, else ``default``."""
        chosen = dict(self.chosen)
        if code in _UNPARSABLE:  # no style: what the project makes of sqlfluff's findings is not about it
            return chosen.get(code, default)
        return chosen.get(code, chosen.get(group_of(code), default))

    def apply(self, finding: Finding) -> Finding | None:
        """Return the finding as the project wants it; None where that is off."""
        severity = self.of(finding.code, finding.severity)
        return None if severity is Severity.OFF else finding.with_severity(severity)


def group_of(code: str) -> str:
    """Return what means all codes of this kind."""
    return "schema" if code.startswith("schema-") else code.partition(":")[0]


def known_codes() -> tuple[str, ...]:
    """Return the codes of all rules, and the names of the tools."""
    from codezest_sql.core.lint.rules import RULES  # noqa: PLC0415  # start-up time: other commands read settings too
    from codezest_sql.core.lint.schema.rules import SCHEMA_CODES  # noqa: PLC0415

    return (*(rule.code for rule in RULES), *SCHEMA_CODES, *OF_REVIEW, *GROUPS)


def is_known(code: str) -> str | None:
    """Return None where a code is one, else a hint."""
    known = known_codes()
    if code in known or _OF_TOOLS.fullmatch(code):
        return None
    return did_you_mean(code, known) or "docs/rules.md has all codes"


def parse_lint(value: object) -> tuple[tuple[str, Severity], ...]:
    """Return what a project chose; raises ``ValueError`` with what is wrong, after the setting's name."""
    if not isinstance(value, dict):
        raise ValueError(" must be a table")  # noqa: TRY004  # what parse_settings turns into a mistake
    found: list[tuple[str, Severity]] = []
    for code, severity in cast("dict[str, object]", value).items():
        hint = is_known(code)
        if hint:
            raise ValueError(f": there is no rule {code!r}; {hint}")
        if severity not in {each.value for each in Severity}:
            raise ValueError(f".{code}: expected {' or '.join(each.value for each in Severity)}, not {severity!r}")
        found.append((code, Severity(severity)))
    return tuple(sorted(found))
