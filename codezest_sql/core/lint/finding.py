"""What a linter, the measurement of locks or the check of queries in flight found: one type for one report. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from codezest_sql.core.text.github_annotation import workflow_command
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codezest_sql.core.text.json_value import Json


class Severity(StrEnum):
    """What a finding means: an error fails the command, a warning only with ``--strict``, a note never."""

    OFF = "off"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


class Source(StrEnum):
    """Who found it."""

    RULE = "rule"
    SQLFLUFF = "sqlfluff"
    SQUAWK = "squawk"
    MEASURED = "measured"
    QUERIES = "queries"
    SCHEMA = "schema"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, ready to print: ``hint`` is the hint, ``shown`` its line with a caret.

    ``code`` is that of a rule (``table-rewrite``) or of a tool (``sqlfluff:CP01``). ``place`` has line
    0 for a file as a whole.
    """

    code: str
    severity: Severity
    place: Place
    message: str
    hint: str = ""
    source: Source = Source.RULE
    shown: str = ""

    def with_severity(self, severity: Severity) -> Finding:
        """Return the same finding that means more or less."""
        return replace(self, severity=severity)

    def text(self) -> str:
        """Return it as a person reads it: place, message, source line with a caret, hint."""
        where = f"{self.place}: " if self.place.file else ""
        lines = [f"{where}{self.severity.value}: {self.message} [{self.code}]"]
        if self.shown:
            lines.append(self.shown)
        if self.hint:
            first, *rest = self.hint.split("\n")
            lines.extend((f"  hint: {first}", *(f"        {line}" for line in rest)))
        return "\n".join(lines)

    def json(self) -> dict[str, Json]:
        """Return it as the other commands print errors, with its severity and who found it."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "message": self.message,
            "file": self.place.file or None,
            "line": self.place.line or None,
            "column": self.place.column or None,
            "hint": self.hint or None,
            "source": self.source.value,
        }

    def annotation(self) -> str:
        """Return it as a workflow command of GitHub Actions."""
        level = "notice" if self.severity is Severity.NOTE else self.severity.value
        place = self.place
        return workflow_command(
            level, self.code, self.message, hint=self.hint, file=place.file, line=place.line, column=place.column
        )

    def write(self) -> dict[str, Json]:
        """Return it as JSON that ``read`` understands."""
        place = self.place
        said: dict[str, Json] = {**asdict(self), "place": [place.file, place.line, place.column]}
        return said | {"severity": self.severity.value, "source": self.source.value}

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Finding:
        """Return what ``write`` wrote; raises ``ValueError``, ``TypeError`` or ``KeyError`` for anything else."""
        values: dict[str, Any] = {
            **said,
            "place": Place(*said["place"]),
            "severity": Severity(said["severity"]),
            "source": Source(said["source"]),
        }
        return cls(**values)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings by place, then by code; each once."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda each: (each.place, each.code, each.message)))


def failed(findings: Iterable[Finding], *, strict: bool = False) -> bool:
    """Return whether the command fails: an error does that, a warning where it is ``strict``."""
    grave = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return any(each.severity in grave for each in findings)
