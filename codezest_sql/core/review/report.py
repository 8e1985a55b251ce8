"""The report of ``review``: each new migration with its statements, its schema diff, its queries and its rollback."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.lint.render import summary_line

if TYPE_CHECKING:
    from codezest_sql.core.json_value import Json
    from codezest_sql.core.lint.finding import Finding
    from codezest_sql.core.source import Place


@dataclass(frozen=True, slots=True)
class ReviewedStatement:
    """A statement as it is written, and the queries that wait from it on until its transaction ends."""

    place: Place
    text: str
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewedFile:
    """A migration: ``schema`` is its schema diff in words, ``rollback`` the verdict in words."""

    id: str
    file: str
    statements: tuple[ReviewedStatement, ...]
    schema: str
    rollback: str


@dataclass(frozen=True, slots=True)
class ReviewReport:
    """All that was reviewed; ``base`` is "" where everything is new."""

    base: str
    files: tuple[ReviewedFile, ...]
    findings: tuple[Finding, ...]
    queries: int

    @property
    def summary(self) -> str:
        """The last line: what was looked at, and how much was found."""
        count = len(self.files)
        what = f"{count} migration{'' if count == 1 else 's'}"
        against = (
            f" against {self.queries} quer{'y' if self.queries == 1 else 'ies'} of {self.base}" if self.base else ""
        )
        return summary_line(self.findings, f"{what} reviewed{against}")


def review_json(report: ReviewReport) -> dict[str, Json]:
    """Return the report for programs."""
    return {
        "base": report.base or None,
        "migrations": [
            {
                "id": each.id,
                "file": each.file,
                "statements": [
                    {
                        "line": statement.place.line,
                        "column": statement.place.column,
                        "sql": statement.text,
                        "waiting": [*statement.waiting],
                    }
                    for statement in each.statements
                ],
                "schema": [*each.schema.splitlines()],
                "rollback": each.rollback,
            }
            for each in report.files
        ],
        "findings": [each.json() for each in report.findings],
    }


def review_text(report: ReviewReport) -> str:
    """Return the report for the terminal: per file the schema diff, who waits, the rollback; then the findings."""
    lines: list[str] = []
    for each in report.files:
        lines.extend((each.file, *(f"  schema: {line}" for line in each.schema.splitlines())))
        lines.extend(
            f"  line {statement.place.line}: until the transaction ends {_waiting(statement)}"
            for statement in each.statements
            if statement.waiting
        )
        lines.append(f"  rollback: {each.rollback}")
    return "\n".join([*lines, *(finding.text() for finding in report.findings), report.summary])


def review_markdown(report: ReviewReport) -> str:
    """Return the report as a comment of a pull request."""
    lines = [f"## Review of migrations\n\n{report.summary}\n"]
    for each in report.files:
        lines.append(f"### `{each.file}`\n")
        own = [finding for finding in report.findings if finding.place.file == each.file]
        for finding in own:
            lines.append(
                f"- **{finding.severity.value}** line {finding.place.line}: {finding.message} `{finding.code}`"
            )
            if finding.hint:
                lines.append(f"  {finding.hint}")
        if own:
            lines.append("")
        for statement in each.statements:
            fence = "`" * max(3, _longest_fence(statement.text) + 1)
            lines.append(f"{fence}sql\n{statement.text};\n{fence}\n")
            if statement.waiting:
                lines.append(f"Until its transaction ends {_waiting(statement)}.\n")
        if each.schema:
            lines.append(f"<details><summary>Schema</summary>\n\n```text\n{each.schema}\n```\n\n</details>\n")
        lines.append(f"Rollback: {each.rollback}\n")
    files = {each.file for each in report.files}
    lines.extend(
        f"- **{each.severity.value}** {each.place}: {each.message}"
        for each in report.findings
        if each.place.file not in files
    )
    return "\n".join(lines).rstrip()


def _waiting(statement: ReviewedStatement) -> str:
    count = len(statement.waiting)
    shown = ", ".join(statement.waiting[:5]) + (f" and {count - 5} more" if count > 5 else "")  # noqa: PLR2004
    return f"{count} quer{'y waits' if count == 1 else 'ies wait'}: {shown}"


def _longest_fence(text: str) -> int:
    return max((len(run) for run in text.replace("`", "\0`").split("\0") if set(run) == {"`"}), default=0) or (
        text.count("`")
    )
