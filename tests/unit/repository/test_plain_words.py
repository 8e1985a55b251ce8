"""Documents, help texts and messages are in the field's terms: fewer than 1 turn of phrase in 1,000 words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command

from codezest_sql.cli.app import app
from tests.paths import ROOT
from tools.plain_words import prose, turns, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LAYERS = ["cli", "actions", "executor", "postgres", "runtime", "core", "platform"]
LIMIT = 1.0


def per_thousand(paths: list[Path]) -> tuple[float, list[str]]:
    """Return the turns in 1,000 words of files, and each turn with its place."""
    found: list[str] = []
    count = 0
    for path in paths:
        lines = prose(path)
        count += words(lines)
        found += [f"{path.relative_to(ROOT)}:{turn.line}: {turn.text} → {turn.instead}" for turn in turns(lines)]
    return 1000 * len(found) / max(count, 1), found


def helps(command: Any) -> Iterator[str]:
    """Yield every text that ``--help`` prints of a command and of those below it."""
    yield command.help or ""
    yield from (getattr(parameter, "help", "") or "" for parameter in command.params)
    for inner in getattr(command, "commands", {}).values():
        yield from helps(inner)


@pytest.mark.parametrize(
    "pattern",
    [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "ARCHITECTURE.md",
        "docs/*.md",
        "docs/services/*.md",
        *(f"codezest_sql/{layer}/**/*.py" for layer in LAYERS),
    ],
)
def test_documents_docstrings_and_messages_use_the_terms_of_the_field(pattern: str) -> None:
    paths = sorted(ROOT.glob(pattern))
    assert paths
    rate, found = per_thousand(paths)
    assert rate < LIMIT, "\n".join(found)


def test_help_texts_use_the_terms_of_the_field() -> None:
    lines = list(enumerate(helps(get_command(app)), 1))
    found = turns(lines)
    assert words(lines) > 500
    assert 1000 * len(found) / words(lines) < LIMIT, found


def test_a_turn_is_found_and_code_is_not_read(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("It writes the table anew.\n\n```sql\n-- anew\n```\n`anew`\n")
    assert [(turn.line, turn.text) for turn in turns(prose(page))] == [(1, "anew")]
    module = tmp_path / "module.py"
    module.write_text('"""Tells it."""\n\nanew = f"{anew} is made"  # anew\n')
    assert [(turn.line, turn.text) for turn in turns(prose(module))] == [(1, "Tells"), (3, "anew")]
