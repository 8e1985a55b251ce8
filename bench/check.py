"""Times ``check`` next to ``sqlc compile``: python bench/check.py [--rounds N] [--all-cores].

Both read the project of ``sqlc_project``: 800 queries over 117 tables. One run, repetitions interleaved, medians, on
one core, the process included. The table is Markdown; ratios are against sqlc's median.

- "first": nothing is known, ``initdb`` included: once for a machine and a server.
- "cold": no cache of the project: a server is started, the schema made, every query asked about.
- "warm": nothing has changed since the last check.
- "one file": one file of queries has changed; "resident" is the same in a ``Checker`` that stays, as ``generate
  --watch`` has one.
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

from sqlc_project import QUERIES, write_project

from codezest_sql.actions.project.settings import load_settings
from codezest_sql.actions.queries.check_files import Checker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

BIN = Path(sys.executable).parent
# sqlc's median times these are the goals.
GOALS = {"cold": 1.5, "warm": 0.15, "one file": 0.05, "one file, resident": 0.05}


class Bench:
    """A project, and the ways to check it."""

    def __init__(self, folder: Path) -> None:
        self.project, self.cache = folder / "project", folder / "cache"
        self.files = write_project(self.project)
        self.cache.mkdir()
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PG")) and "DATABASE" not in k}
        self.environment = {**kept, "XDG_CACHE_HOME": str(self.cache), "HOME": str(folder)}
        self._edits = 0

    def sqlc(self) -> float:
        """Time ``sqlc compile``, which keeps nothing."""
        return self._seconds([str(BIN / "sqlc"), "compile"])

    def first(self) -> float:
        """Time a check on a machine that never ran one."""
        return self._check(forget=("clusters", "schemas", "checks"))

    def cold(self) -> float:
        """Time a check of a project that nothing is known of."""
        return self._check(forget=("schemas", "checks"))

    def warm(self) -> float:
        """Time a check of a project that has not changed."""
        return self._check()

    def one_file(self) -> float:
        """Time a check after one file has changed."""
        self.edit()
        return self._check()

    def edit(self) -> None:
        """Change a file that no run has seen so."""
        self._edits += 1
        path = self.files[self._edits % len(self.files)]
        text = path.read_text()
        path.write_text(text.replace("LIMIT 1;", f"LIMIT 1 + {self._edits};", 1))

    def _check(self, forget: Sequence[str] = ()) -> float:
        for name in forget:
            shutil.rmtree(self.cache / "codezest-sql" / name, ignore_errors=True)
        return self._seconds([str(BIN / "codezest-sql"), "check"], f"{QUERIES} queries")

    def _seconds(self, words: Sequence[str], says: str = "") -> float:
        began = time.perf_counter()
        done = subprocess.run(
            words, env=self.environment, cwd=self.project, capture_output=True, text=True, check=False
        )
        took = time.perf_counter() - began
        if done.returncode or says not in done.stdout:
            raise SystemExit(f"{words[0]} exited with {done.returncode}: {done.stdout[-400:]}{done.stderr[-800:]}")
        return took


def interleaved(rounds: int, ways: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Measure each way once a round, after one round that does not count."""
    found: dict[str, list[float]] = defaultdict(list)
    for number in range(rounds + 1):
        for name, measure in ways.items():
            took = measure()
            if number:
                found[name].append(took)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--all-cores", action="store_true", help="use every core; default: one")
    options = parser.parse_args()
    if not options.all_cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        os.environ["XDG_CACHE_HOME"] = str(bench.cache)
        with Checker(load_settings(start=bench.project)) as checker:

            def resident() -> float:
                bench.edit()
                began = time.perf_counter()
                project = checker.check()
                took = time.perf_counter() - began
                if len(project.queries) != QUERIES:
                    raise SystemExit(f"{len(project.queries)} queries instead of {QUERIES}")
                return took

            ways = {
                "sqlc compile": bench.sqlc,
                "first": bench.first,
                "cold": bench.cold,
                "warm": bench.warm,
                "one file": bench.one_file,
                "one file, resident": resident,
            }
            found = interleaved(options.rounds, ways)
    print_table(found, options.rounds)


def print_table(found: Mapping[str, Sequence[float]], rounds: int) -> None:
    """Print the medians, their spread and what they are of sqlc's."""
    yardstick = statistics.median(found["sqlc compile"])
    print(f"{QUERIES} queries over 117 tables, median of {rounds} interleaved rounds\n")
    print("| way | seconds | least – most | of sqlc | goal |")
    print("|---|---|---|---|---|")
    for name, times in found.items():
        goal = f"≤ {GOALS[name]}" if name in GOALS else ""
        middle = statistics.median(times)
        spread = f"{min(times):.3f} – {max(times):.3f}"
        print(f"| {name} | {middle:.3f} | {spread} | {middle / yardstick:.3f} | {goal} |")


if __name__ == "__main__":
    main()
