"""Results and errors to text and to JSON values. Never prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.errors import CodezestError, IntegrityErrors, ProjectErrors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codezest_sql.core.text.json_value import Json


def flatten(error: CodezestError) -> tuple[CodezestError, ...]:
    """Return the single errors of a group; an error that is no group is its own only member."""
    if isinstance(error, ProjectErrors | IntegrityErrors):
        return tuple(member for group in error.errors for member in flatten(group))
    return (error,)


def error_text(error: CodezestError) -> str:
    """Return an error as a person reads it: place, message, source line with a caret, hint."""
    blocks: list[str] = []
    for single in flatten(error):
        where = f"{single.place}: " if single.place else ""
        lines = [f"{where}error: {single.message} [{single.code}]"]
        if single.source:
            lines.append(single.source)
        if single.hint:
            lines.append(f"  hint: {single.hint}")
        blocks.append("\n".join(lines))
    return "\n".join(blocks)


def error_json(error: CodezestError) -> Json:
    """Return ``{"exit_code": …, "errors": [{"code", "message", "file", "line", "column", "hint"}]}``."""
    return {"exit_code": int(error.exit_code), "errors": errors_json([error])}


def errors_json(errors: Iterable[CodezestError]) -> list[Json]:
    """Return every single error as an object."""
    return [
        {
            "code": single.code,
            "message": single.message,
            "file": single.place.file if single.place else None,
            "line": (single.place.line or None) if single.place else None,
            "column": (single.place.column or None) if single.place else None,
            "hint": single.hint,
        }
        for error in errors
        for single in flatten(error)
    ]
