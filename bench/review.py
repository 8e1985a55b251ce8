"""Times ``review`` and ``lint`` next to squawk and sqlfluff: python bench/review.py [--rounds N].

A release of the CodeZest schema and its queries is committed; 30 new migrations of all kinds stand on it, each with
its rollback. One run, repetitions interleaved, medians, the processes included. The table is Markdown.

- "cold": nothing is known of the project; the server's empty cluster is (``initdb`` is once for a machine).
- "warm": the release's schema and what the linters said are known.
- "edited": warm, and one of the new migrations has changed.
- "sqlfluff, ours": the pass of ``lint`` over the same 30 files and their rollbacks, nothing known.

squawk and sqlfluff read words and ask no server: they are there for the scale.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
COUNT = 30
GOALS = {"review, cold": 6.0, "review, warm": 3.0, "sqlfluff, ours": 4.0}
SETTINGS = """\
[tool.codezest-sql]
migrations = "sql/migrations"
queries = "sql/queries"

[tool.codezest-sql.lint]
squawk = "off"
"""
_TABLES = (
    "auth.users", "auth.sessions", "learning.modules", "learning.materials", "learning.assignments",
    "learning.assignment_submissions", "learning.mcq_attempts", "payments.transactions", "payments.invoices",
    "notifications.notifications",
)  # fmt: skip
# Migrations of the kinds that projects have, {n} is their number, {t} a table; up, then down.
_KINDS = (
    (
        "ALTER TABLE {t} ADD COLUMN extra_{n} text;\n\nCOMMENT ON COLUMN {t}.extra_{n} IS 'What came up later.';\n",
        "ALTER TABLE {t} DROP COLUMN extra_{n};\n",
    ),
    (
        (
            "ALTER TABLE {t} ADD COLUMN level_{n} integer NOT NULL DEFAULT 0;\n\n"
            "COMMENT ON COLUMN {t}.level_{n} IS 'How far it is.';\n\n"
            "ALTER TABLE {t} ADD CONSTRAINT level_{n}_check CHECK (level_{n} >= 0) NOT VALID;\n"
        ),
        "ALTER TABLE {t} DROP COLUMN level_{n};\n",
    ),
    (
        (
            "CREATE TABLE learning.notes_{n} (\n    id uuid NOT NULL DEFAULT gen_random_uuid(),\n"
            "    body text NOT NULL,\n"
            "    created_at timestamptz NOT NULL DEFAULT now(),\n"
            "    CONSTRAINT notes_{n}_id_pk PRIMARY KEY (id)\n);\n\n"
            "COMMENT ON TABLE learning.notes_{n} IS 'Notes.';\n\n"
            "CREATE INDEX notes_{n}_created_at_idx ON learning.notes_{n} (created_at);\n"
        ),
        "DROP TABLE learning.notes_{n};\n",
    ),
    (
        "-- transactional: false\n\nCREATE INDEX CONCURRENTLY created_{n}_idx ON {t} (created_at);\n",
        "-- transactional: false\n\nDROP INDEX CONCURRENTLY {s}.created_{n}_idx;\n",
    ),
    (
        (
            "CREATE VIEW learning.shown_{n} AS\nSELECT\n    m.id,\n    m.title\nFROM learning.modules AS m\n"
            "WHERE m.deleted_at IS NULL;\n\nCOMMENT ON VIEW learning.shown_{n} IS 'Modules that are there.';\n"
        ),
        "DROP VIEW learning.shown_{n};\n",
    ),
)


class Bench:
    """A project in git whose release is tagged, and the ways to look at what is new."""

    def __init__(self, folder: Path) -> None:
        self.project, self.cache = folder / "project", folder / "cache"
        self.cache.mkdir()
        shutil.copytree(ROOT / "sql", self.project / "sql")
        (self.project / "pyproject.toml").write_text(SETTINGS)
        shutil.copy(ROOT / ".sqlfluff", self.project)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PG")) and "DATABASE" not in k}
        self.environment = {**kept, "XDG_CACHE_HOME": str(self.cache), "HOME": str(folder)}
        self._git("init", "--quiet")
        self._git("add", ".")
        self._git("commit", "--quiet", "--message", "Release")
        self._git("tag", "v1")
        self.files = [path for number in range(COUNT) for path in self._write(number)]
        self._run([str(BIN / "codezest-sql"), "migrate", "hash"])
        self._edits = 0

    def _write(self, number: int) -> list[Path]:
        table = _TABLES[number % len(_TABLES)]
        words = {"n": f"{number:02}", "t": table, "s": table.partition(".")[0]}
        paths = []
        for text, suffix in zip(_KINDS[number % len(_KINDS)], (".sql", ".rollback.sql"), strict=True):
            path = self.project / "sql" / "migrations" / f"{number + 9:04}_change_{number:02}{suffix}"
            path.write_text(text.format(**words))
            paths.append(path)
        return paths

    def _git(self, *words: str) -> None:
        names = ["-c", "user.name=Bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *names, *words], cwd=self.project, check=True, capture_output=True)

    def _run(self, words: Sequence[str], says: str = "", allowed: tuple[int, ...] = (0,)) -> float:
        began = time.perf_counter()
        done = subprocess.run(
            words, env=self.environment, cwd=self.project, capture_output=True, text=True, check=False
        )
        took = time.perf_counter() - began
        if done.returncode not in allowed or says not in done.stdout:
            raise SystemExit(f"{words[0]} exited with {done.returncode}: {done.stdout[-900:]}{done.stderr[-800:]}")
        return took

    def _review(self) -> float:
        # 1: what is left of the old DDL may be found wanting; the figure is about time.
        words = [str(BIN / "codezest-sql"), "review", "--base", "v1"]
        return self._run(words, f"{COUNT} migrations reviewed", (0, 1))

    def cold(self) -> float:
        """Time a review of a project that nothing is known of."""
        for name in (self.cache / "codezest-sql").iterdir():
            if name.name != "clusters":
                shutil.rmtree(name, ignore_errors=True)
        return self._review()

    def warm(self) -> float:
        """Time a review of what was reviewed before."""
        return self._review()

    def edited(self) -> float:
        """Time a review after one new migration has changed."""
        self._edits += 1
        path = self.files[-2]
        path.write_text(f"{path.read_text()}\n-- {self._edits}\n")
        self._run([str(BIN / "codezest-sql"), "migrate", "hash"])
        return self._review()

    def ours(self) -> float:
        """Time the pass of sqlfluff as lint runs it."""
        shutil.rmtree(self.cache / "codezest-sql" / "lint", ignore_errors=True)
        words = [str(BIN / "codezest-sql"), "lint", *map(str, self.files)]
        return self._run(words, f"{len(self.files)} files", (0, 1))

    def sqlfluff(self) -> float:
        """Time sqlfluff's own command line."""
        return self._run([str(BIN / "sqlfluff"), "lint", "--processes", "0", *map(str, self.files)], "", (0, 1))

    def squawk(self) -> float:
        """Time squawk."""
        return self._run([str(BIN / "squawk"), *map(str, self.files)], "", (0, 1))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        ways: dict[str, Callable[[], float]] = {
            "squawk": bench.squawk,
            "sqlfluff": bench.sqlfluff,
            "sqlfluff, ours": bench.ours,
            "review, cold": bench.cold,
            "review, warm": bench.warm,
            "review, edited": bench.edited,
        }
        found: dict[str, list[float]] = defaultdict(list)
        for number in range(options.rounds + 1):
            for name, measure in ways.items():
                took = measure()
                if number:
                    found[name].append(took)
    print_table(found, options.rounds)


def print_table(found: Mapping[str, Sequence[float]], rounds: int) -> None:
    """Print the medians, their spread and what they are of sqlfluff's."""
    yardstick = statistics.median(found["sqlfluff"])
    print(f"{COUNT} migrations with rollbacks on 30 tables, median of {rounds} interleaved rounds\n")
    print("| way | seconds | least – most | of sqlfluff | goal, seconds |")
    print("|---|---|---|---|---|")
    for name, times in found.items():
        goal = f"< {GOALS[name]:g}" if name in GOALS else ""
        middle = statistics.median(times)
        spread = f"{min(times):.2f} – {max(times):.2f}"
        print(f"| {name} | {middle:.2f} | {spread} | {middle / yardstick:.2f} | {goal} |")


if __name__ == "__main__":
    main()
