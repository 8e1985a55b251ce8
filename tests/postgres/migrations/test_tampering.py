"""Applied files that are edited, deleted, renamed or reordered, 200 times at random: none goes unseen."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.projects import Project, applied, objects

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SEED = 20261125
TIMES = 200
FILES = {
    f"{number:04d}_t{number}.sql": f"-- Table {number}.\nCREATE TABLE t{number} (x int);\n" for number in range(1, 13)
}


def edit(folder: Path, chance: random.Random) -> str:
    """Insert, replace or remove a character somewhere: in SQL or in a comment."""
    file = folder / chance.choice([*FILES])
    text = file.read_text()
    at = chance.randrange(3, len(text) - 1)
    change = chance.choice(["", " ", "x", "é"])
    after = text[:at] + change + text[at + chance.randrange(0 if change else 1, 3) :]
    file.write_text(after if after != text else f"{text}--\n")
    return f"edit {file.name} at {at}"


def delete(folder: Path, chance: random.Random) -> str:
    """Remove one file."""
    file = folder / chance.choice([*FILES])
    file.unlink()
    return f"delete {file.name}"


def rename(folder: Path, chance: random.Random) -> str:
    """Give one file another title, or another number before, between or after the others."""
    file = folder / chance.choice([*FILES])
    number, title = file.stem.split("_")
    name = chance.choice(
        [f"{number}_other", f"{int(number) + 100:04d}_{title}", f"0000_{title}", f"{number}a_{title}"]
    )
    file.rename(folder / f"{name}.sql")
    return f"rename {file.name} to {name}.sql"


def reorder(folder: Path, chance: random.Random) -> str:
    """Exchange the content of two files, or move it on by one file among several."""
    files = [folder / name for name in chance.sample([*FILES], chance.choice([2, 3, 12]))]
    texts = [file.read_text() for file in files]
    for file, text in zip(files, [*texts[1:], texts[0]], strict=True):
        file.write_text(text)
    return f"reorder {[file.name for file in files]}"


TAMPERINGS: list[Callable[[Path, random.Random], str]] = [edit, delete, rename, reorder]


@pytest.mark.parametrize("sums", [True, False], ids=["with a migrations.sum", "without one"])
def test_no_tampering_goes_unseen(tmp_path: Path, database: str, *, sums: bool) -> None:
    """``up`` refuses with the exit code for it and runs nothing; ``status`` and ``verify`` agree."""
    project = Project(tmp_path, database)
    project.write_all(FILES)
    if sums:
        project.succeed("hash")
    project.succeed()
    before = applied(database), objects(database)
    project.write("0013_pending.sql", "CREATE TABLE pending ();")
    if sums:
        project.succeed("hash")
    kept = {file.name: file.read_bytes() for file in project.migrations.iterdir()}
    chance = random.Random(SEED + sums)
    for number in range(TIMES // 2):
        what = TAMPERINGS[number % len(TAMPERINGS)](project.migrations, chance)
        # 7 where an edit made the file no SQL at all: it is refused before its history is looked at.
        codes = {command: project.migrate(*command).code for command in [("up",), ("status",), ("verify",)]}
        assert set(codes.values()) in ({4}, {7}), f"{what}: {codes}"
        assert (applied(database), objects(database)) == before, what
        for file in project.migrations.iterdir():
            file.unlink()
        project.write_all(kept)
    project.succeed("verify")
    project.succeed()
