"""Workflow commands of GitHub Actions, which show a message at a line of a pull request. Pure.

Source: "Workflow commands for GitHub Actions", setting an error, a warning, a notice.
"""

from __future__ import annotations


def workflow_command(
    level: str, title: str, message: str, *, hint: str | None = None, file: str = "", line: int = 0, column: int = 0
) -> str:
    """Return the command; ``level`` is error, warning or notice. Line 0 is the file as a whole."""
    place = f"file={_property(file)}," if file else ""
    if line:
        place += f"line={line},col={column},"
    said = f"{message}\n{hint}" if hint else message
    return f"::{level} {place}title={_property(title)}::{_data(said)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
