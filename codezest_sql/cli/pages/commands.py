"""The help texts of all commands as one Markdown page. ``python -m codezest_sql.cli.pages.commands`` prints it.

``docs/commands.md`` is this text, and a test compares both.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from inspect import cleandoc
from typing import TYPE_CHECKING

import typer
from typer.main import get_command

from codezest_sql.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADING = """
# Commands

The `--help` of every command. `make docs` generates this page from the same texts.
"""


@dataclass(frozen=True, slots=True)
class CommandHelp:
    """The help of one command; ``parameters`` are (spelling, meaning)."""

    name: str
    usage: str
    text: str
    parameters: tuple[tuple[str, str], ...]
    example: str


def commands() -> Iterator[CommandHelp]:
    """Yield every command, each group before its members, in the order of the help."""
    root = get_command(app)
    yield from _walk(typer.Context(root, info_name="codezest-sql", **root.context_settings))


def help_pages() -> str:
    """Return the page."""
    return "\n".join([_HEADING.strip(), "", *(line for command in commands() for line in _section(command))])


def _walk(context: typer.Context) -> Iterator[CommandHelp]:
    command = context.command
    records = (parameter.get_help_record(context) for parameter in command.get_params(context))
    yield CommandHelp(
        name=context.command_path,
        usage=" ".join([context.command_path, *command.collect_usage_pieces(context)]),
        text=cleandoc(command.help or ""),
        parameters=tuple(record for record in records if record),
        example=(command.epilog or "").removeprefix("Example: "),
    )
    for name, member in getattr(command, "commands", {}).items():
        if not member.hidden:
            yield from _walk(typer.Context(member, info_name=name, parent=context, **member.context_settings))


def _section(command: CommandHelp) -> Iterator[str]:
    yield f"## {command.name}"
    yield ""
    yield command.text
    yield ""
    yield f"    {command.usage}"
    yield ""
    yield "| option | what it does |"
    yield "|---|---|"
    for written, meaning in command.parameters:
        yield f"| `{_cell(written)}` | {_cell(meaning)} |"
    yield ""
    yield f"Example: `{command.example}`"
    yield ""


def _cell(text: str) -> str:
    r"""Return a text that stays inside its cell: ``|`` would end it."""
    return " ".join(text.split()).replace("|", r"\|")


if __name__ == "__main__":
    sys.stdout.write(help_pages())
