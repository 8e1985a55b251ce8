"""The report of ``review``: each new migration with its statements, its schema diff, its queries and its rollback."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.lint.render import summary_line
from codezest_sql.core.review.trace.window import find_window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codezest_sql.core.lint.finding import Finding
    from codezest_sql.core.review.trace.measured import Measured
    from codezest_sql.core.review.trace.window import Window
    from codezest_sql.core.text.json_value import Json
    from codezest_sql.place import Place

_WIDTH = 100


@dataclass(frozen=True, slots=True)
class ReviewedStatement:
    """A statement as it is written, what it did, and the queries that wait from it on until its transaction ends."""

    place: Place
    text: str
    waiting: tuple[str, ...]
    measured: Measured


@dataclass(frozen=True, slots=True)
class ReviewedFile:
    """A migration: ``schema`` is its schema diff in words, ``rollback`` the verdict in words.

    ``unmeasured`` is what of it was not measured, and why; "" if everything was.
    """

    id: str
    file: str
    statements: tuple[ReviewedStatement, ...]
    schema: str
    rollback: str
    unmeasured: str = ""

    @property
    def window(self) -> Window | None:
        """Return for how long tables are kept from everybody; None where that is one statement at most."""
        return find_window([each.measured for each in self.statements])


@dataclass(frozen=True, slots=True)
class ReviewReport:
    """All that was reviewed; ``base`` is "" where everything is new. ``server`` is where it was measured.

    ``notes`` are for people, such as a tool that is not installed.
    """

    base: str
    files: tuple[ReviewedFile, ...]
    findings: tuple[Finding, ...]
    queries: int
    server: str = ""
    notes: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """The last line: what was looked at, and how much was found."""
        count = len(self.files)
        what = f"{count} migration{'' if count == 1 else 's'}"
        against = (
            f" against {self.queries} quer{'y' if self.queries == 1 else 'ies'} of {self.base}" if self.base else ""
        )
        missing = sum(bool(each.unmeasured) for each in self.files)
        short = f", {missing} of them not measured to the end" if missing else ""
        return summary_line(self.findings, f"{what} reviewed{against}{short}")


def review_json(report: ReviewReport) -> dict[str, Json]:
    """Return the report for programs."""
    return {
        "base": report.base or None,
        "server": report.server or None,
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
                        **statement.measured.json(),
                    }
                    for statement in each.statements
                ],
                "window": each.window.json() if each.window else None,
                "schema": [*each.schema.splitlines()],
                "rollback": each.rollback,
                "not_measured": each.unmeasured or None,
            }
            for each in report.files
        ],
        "findings": [each.json() for each in report.findings],
    }


def review_text(report: ReviewReport) -> str:
    """Return the report for the terminal: per file what its statements did, the schema diff, the rollback."""
    lines: list[str] = []
    for each in report.files:
        lines.append(each.file)
        for statement in each.statements:
            said = _said(statement)
            if said:
                lines.append(f"  {statement.place.line}: {_first_line(statement.text)}")
                lines.extend(f"      {one}" for one in said)
        lines.extend(f"  not measured: {why}" for why in (each.unmeasured,) if why)
        lines.extend(f"  window: {window.words}" for window in (each.window,) if window)
        lines.extend(f"  schema: {line}" for line in each.schema.splitlines())
        lines.append(f"  rollback: {each.rollback}")
    return "\n".join([*lines, *(finding.text() for finding in report.findings), report.summary])


def review_markdown(report: ReviewReport) -> str:
    """Return the report as a comment of a pull request: what is wrong first, then each migration."""
    lines = [f"## Review of migrations\n\n{report.summary}\n"]
    for each in report.files:
        lines.append(f"### `{each.file}`\n")
        lines.extend(_finding_line(finding) for finding in report.findings if finding.place.file == each.file)
        if lines[-1].startswith("-"):
            lines.append("")
        lines.extend(_statements(each.statements))
        lines.extend(f"**Not measured**: {_escaped(why)}.\n" for why in (each.unmeasured,) if why)
        lines.extend(f"{window.words[0].upper()}{window.words[1:]}.\n" for window in (each.window,) if window)
        if each.schema:
            lines.append(_details("Schema", each.schema))
        lines.append(f"Rollback: {each.rollback}\n")
    files = {each.file for each in report.files}
    others = [_finding_line(each, place=True) for each in report.findings if each.place.file not in files]
    if others:
        lines.extend(("### Other files\n", *others, ""))
    if report.server:
        lines.append(f"Measured on {report.server}, with one dummy row in each empty table.")
    return "\n".join(lines).rstrip()


def _statements(statements: Sequence[ReviewedStatement]) -> Iterator[str]:
    """Give the DDL as it is written; below a statement what it did, those that did nothing to others in one piece."""
    quiet: list[str] = []
    for statement in statements:
        quiet.append(f"{statement.text};")
        said = _said(statement)
        if said:
            yield _sql("\n".join(quiet))
            yield from (f"- {one}" for one in said)
            yield ""
            quiet.clear()
    if quiet:
        yield _sql("\n".join(quiet))


def _finding_line(finding: Finding, *, place: bool = False) -> str:
    where = str(finding.place) if place else f"line {finding.place.line}"
    hint = f"<br>{_escaped(finding.hint)}" if finding.hint else ""
    return f"- **{finding.severity.value}** {where}: {_escaped(finding.message)} `{finding.code}`{hint}"


def _escaped(text: str) -> str:
    """Return words in which Markdown finds nothing to do."""
    return re.sub(r"([\\`*_<>\[\]|])", r"\\\1", " ".join(text.split()))


def _sql(text: str) -> str:
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}sql\n{text}\n{fence}\n"


def _details(title: str, text: str) -> str:
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"<details><summary>{title}</summary>\n\n{fence}text\n{text}\n{fence}\n\n</details>\n"


def _said(statement: ReviewedStatement) -> list[str]:
    said = [*statement.measured.words()]
    if statement.waiting:
        said.append(f"until the transaction ends {_waiting(statement)}")
    return said


def _first_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"


def _waiting(statement: ReviewedStatement) -> str:
    count = len(statement.waiting)
    shown = ", ".join(statement.waiting[:5]) + (f" and {count - 5} more" if count > 5 else "")  # noqa: PLR2004
    return f"{count} quer{'y waits' if count == 1 else 'ies wait'}: {shown}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
