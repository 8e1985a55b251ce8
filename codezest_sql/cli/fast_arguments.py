"""Reads the plainest command lines without Typer, whose import is a sixth of a run that finds nothing to do.

Only the unambiguous ones: `migrate`, `migrate up`, `migrate status` and `check` with whole options, each given once.
All else, help and mistakes included, is ``None``, and Typer's to read. Either way the command is the same function of
``cli/shared_commands.py``, called with the same values: tests/unit/cli/test_fast_arguments.py compares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TARGET = ("--migrations", "--database-url", "--schema")
# A command of `migrate`, "" where none is named: its options with a value, and those without.
_COMMANDS = {
    "": ((*_TARGET, "--wait"), ("--json", "--bundled")),
    "up": (
        (*_TARGET, "--wait", "--to", "--plan"),
        ("--json", "--bundled", "--dry-run", "--allow-out-of-order", "--frozen"),
    ),
    "status": (_TARGET, ("--json", "--bundled", "--check", "--frozen")),
}
_CHECK = (("--queries", "--migrations"), ("--json", "--bundled", "--offline", "--annotations", "--trust-migrations"))


class Plain(NamedTuple):
    """A command line that was read: ``command`` is "up", "status" or "check", ``flags`` are without a value."""

    command: str
    values: Mapping[str, str]
    flags: frozenset[str]


def read_plain(words: Sequence[str]) -> Plain | None:
    """Return the command of a command line; None if Typer has to parse it."""
    if words and words[0] == "check":
        return _read("check", words[1:], *_CHECK)
    if not words or words[0] != "migrate":
        return None
    name = words[1] if len(words) > 1 and words[1] in _COMMANDS else ""
    return _read(name or "up", words[2 if name else 1 :], *_COMMANDS[name])


def _read(command: str, words: Sequence[str], with_value: Sequence[str], without: Sequence[str]) -> Plain | None:
    """Return the options of a command; None where one is unknown, twice there or without its value."""
    values: dict[str, str] = {}
    flags: set[str] = set()
    rest = iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        if option in values or option in flags:
            return None
        if option in with_value:
            values[option] = value if equals else next(rest, "")
            if not values[option] or values[option].startswith("-"):
                return None
        elif word in without:
            flags.add(word)
        else:
            return None
    return Plain(command, values, frozenset(flags))


def run_plain(plain: Plain) -> int:
    """Run the command, and return its exit code."""
    from codezest_sql.cli import shared_commands

    value, flags = plain.values.get, plain.flags
    if plain.command == "check":
        return shared_commands.check(
            queries=value("--queries"),
            migrations=value("--migrations"),
            bundled="--bundled" in flags,
            offline="--offline" in flags,
            annotations="--annotations" in flags,
            json="--json" in flags,
            plans=False,
            accept=False,
            trust_migrations="--trust-migrations" in flags,
        )
    if plain.command == "status":
        return shared_commands.status(
            migrations=value("--migrations"),
            database_url=value("--database-url"),
            bundled="--bundled" in flags,
            schema=value("--schema"),
            check="--check" in flags,
            frozen="--frozen" in flags,
            json="--json" in flags,
        )
    return shared_commands.up(
        migrations=value("--migrations"),
        database_url=value("--database-url"),
        bundled="--bundled" in flags,
        schema=value("--schema"),
        to=value("--to"),
        plan=value("--plan"),
        wait=value("--wait"),
        dry_run="--dry-run" in flags,
        allow_out_of_order="--allow-out-of-order" in flags,
        frozen="--frozen" in flags,
        json="--json" in flags,
    )
