"""A process that runs sqlfluff: reads a task as JSON from stdin, and writes what was found as JSON to stdout.

A process of its own because sqlfluff is slow to import, uses one core, and is not our code: several of them
share the files, and whatever happens to one is an error with a name.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from codezest_sql.core.lint.mask import with_semicolon, without
from codezest_sql.core.sql.statements import split_statements
from codezest_sql.core.text.source_text import SourceText
from codezest_sql.errors import LexicalError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlfluff.core import Linter

    from codezest_sql.core.sql.statements import Statement

_UNPARSABLE = frozenset({"PRS", "LXR", "TMP"})
# Without a configuration, files are parsed as PostgreSQL and only parse errors are reported: style is a choice.
_UNCONFIGURED: dict[str, Any] = {
    "dialect": "postgres",
    "templater": "raw",
    "large_file_skip_byte_limit": 0,
    "rules": "LT12",
}


def work(task: dict[str, Any]) -> list[dict[str, Any]]:
    """Return sqlfluff's findings per file: (code, line, column, message), and with ``fix`` the corrected text."""
    from sqlfluff.core import FluffConfig, Linter  # noqa: PLC0415  # most commands do not need it

    said: list[dict[str, Any]] = []
    for file in task["files"]:
        config = FluffConfig.from_path(file["path"], require_dialect=False)
        configured = config.get("dialect") is not None
        if not configured:
            config = FluffConfig.from_path(file["path"], overrides=_UNCONFIGURED)
        linter = Linter(config=config)
        text: str = file["text"]
        if task["fix"]:
            said.append({"text": _fixed(linter, text, file["path"]) if configured else None})
        else:
            found = _lint(linter, text, file["path"])
            said.append({"found": [each for each in found if configured or each[0] in _UNPARSABLE]})
    return said


def _violations(linter: Linter, text: str, path: str) -> list[tuple[str, int, int, str]]:
    linted = linter.lint_string(text, fname=path)
    unused = bool(linter.config.get("warn_unused_ignores"))
    return [
        (each.rule_code(), each.line_no, each.line_pos, each.desc())
        for each in linted.get_violations(filter_warning=False, warn_unused_ignores=unused)
    ]


def _lint(linter: Linter, text: str, path: str) -> list[tuple[str, int, int, str]]:
    """Lint a text; a part that cannot be parsed is reported, and the rest is linted without it."""
    found = _violations(linter, text, path)
    if not any(code in _UNPARSABLE for code, *_ in found):
        return found
    try:
        statements = split_statements(text)
    except LexicalError:
        return found
    bad = [each for each in statements if _refused(linter, text, each, path)]
    if not bad:
        return found
    source = SourceText.of(path, text)
    rest = _violations(linter, without(text, bad), path)
    spans = [with_semicolon(text, each) for each in bad]
    lines = [(source.place(each.start), source.place(each.end)) for each in spans]
    told = [(code, line, column, said) for code, line, column, said in rest if not _inside(line, column, lines)]
    for statement in bad:
        place = source.place(statement.start)
        told.append(("PRS", place.line, place.column, "sqlfluff cannot parse this statement"))
    return told


def _refused(linter: Linter, text: str, statement: Statement, path: str) -> bool:
    parsed = linter.parse_string(f"{statement.text(text)};\n", fname=path)
    return bool(parsed.violations)


def _inside(line: int, column: int, spans: Sequence[tuple[Any, Any]]) -> bool:
    """Whether a place is in a part that was removed, or on a line whose length comes from one."""
    return any(
        (start.line, start.column) <= (line, column) <= (end.line, end.column) or (start.line < line < end.line)
        for start, end in spans
    )


def _fixed(linter: Linter, text: str, path: str) -> str | None:
    """Return the corrected text; None where nothing was corrected, or where sqlfluff cannot parse it."""
    linted = linter.lint_string(text, fname=path, fix=True)
    codes = {each.rule_code() for each in linted.get_violations(filter_warning=False)}
    if codes & _UNPARSABLE:
        return None
    fixed, success = linted.fix_string()
    return fixed if success and fixed != text else None


if __name__ == "__main__":
    json.dump(work(json.load(sys.stdin)), sys.stdout)
