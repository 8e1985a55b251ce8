"""Prints how fast migrations run, next to yoyo, dbmate, psql and plain psycopg: python bench/migrate.py [--rounds N].

One run, repetitions interleaved (A B A B …), medians, the process included. The tables are Markdown. Rows (--only):
`noop`, `small` (first and later runs over small files), `large` (a 4 MB file: until its first statement starts),
`fresh` (our tables on a fresh embedded server), `verify` (1,000 tables, once `migrate verify` exists). dbmate is
fetched by npm into a temporary folder; where that fails, its row states so.
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
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import psycopg
from psycopg import sql

from codezest_sql.postgres.server.binaries import find_binaries
from codezest_sql.postgres.server.temporary_server import temporary_server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from codezest_sql.postgres.server.temporary_server import TemporaryServer

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
SMALL_FILES = 200
LATER_FILES = 100
LARGE_BYTES = 4_000_000
VERIFIED_FILES, TABLES_PER_FILE = 200, 5
# Installed packages have their .pyc files; a variable that keeps Python from writing them would slow us alone.
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PG")) and "DATABASE" not in k}


class Bench:
    """A server, a folder, and the tools that are compared."""

    def __init__(self, folder: Path, server: TemporaryServer, bindir: Path, rounds: int) -> None:
        self.folder, self.server, self.bindir, self.rounds = folder, server, bindir, rounds
        self.dbmate, self.why_no_dbmate = install_dbmate(folder)
        self._count = 0

    def database(self) -> str:
        """Make a fresh database and return its URL."""
        self._count += 1
        name = f"bench{self._count}"
        with psycopg.connect(self.server.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.server.url(name)

    def ours(self, url: str, folder: Path) -> list[str]:
        """Return our command."""
        return [str(BIN / "codezest-sql"), "migrate", "--database-url", url, "--migrations", str(folder)]

    def yoyo(self, url: str, folder: Path) -> list[str]:
        """Return yoyo's command."""
        url = url.replace("postgresql:", "postgresql+psycopg:", 1)
        return [str(BIN / "yoyo"), "apply", "--batch", "--no-config-file", "--database", url, str(folder)]

    def psql(self, url: str, folder: Path) -> list[str]:
        """Return the command of psql over all files of a folder, each in one transaction."""
        files = [word for file in ups(folder) for word in ("-f", str(file))]
        return [str(self.bindir / "psql"), "-Xq", "-v", "ON_ERROR_STOP=1", "-d", url, *files]

    def dbmate_up(self, url: str, folder: Path) -> list[str]:
        """Return dbmate's command; it wants the folder of the socket in another place of the URL."""
        parts, query = urlsplit(url), parse_qs(urlsplit(url).query)
        address = f"postgres://postgres@/{parts.path[1:]}?socket={query['host'][0]}&port={query['port'][0]}"
        words = ["--no-dump-schema", "--migrations-dir", str(folder), "--url", address, "up"]
        return [str(self.dbmate), *words]


def ups(folder: Path) -> list[Path]:
    """Return the migrations of a folder in order, without their rollbacks."""
    return sorted(path for path in folder.glob("*.sql") if not path.name.endswith(".rollback.sql"))


def install_dbmate(folder: Path) -> tuple[Path | None, str]:
    """Return dbmate's program, or why there is none."""
    if not shutil.which("npm"):
        return None, "npm is missing"
    try:
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder / "npm"), "dbmate"]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    except (subprocess.SubprocessError, OSError) as error:
        return None, f"npm install dbmate failed ({type(error).__name__})"
    # The program itself: npm's wrapper starts Node first.
    found = [path for path in folder.glob("npm/node_modules/@dbmate/*/bin/dbmate") if path.is_file()]
    return (found[0], "") if found else (None, "the package holds no program for this machine")


def seconds(words: Sequence[str]) -> float:
    """Return how long a command takes, which has to succeed."""
    began = time.perf_counter()
    done = subprocess.run(words, env=ENVIRONMENT, cwd=ROOT, capture_output=True, text=True, check=False)
    took = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{words[0]} exited with {done.returncode}: {done.stderr[-800:]}")
    return took


def interleaved(rounds: int, ways: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """Measure each way once a round, after one round that does not count; return the medians."""
    found: dict[str, list[float]] = defaultdict(list)
    for number in range(rounds + 1):
        for name, measure in ways.items():
            took = measure()
            if number:
                found[name].append(took)
    return {name: statistics.median(times) for name, times in found.items()}


def table(title: str, found: Mapping[str, float], *, against: str, unit: str = "ms", goal: str = "") -> None:
    """Print medians as a Markdown table with their ratio to ``against``."""
    print(f"\n| {title} | {unit} | × {against} | goal |\n|---|---|---|---|")
    for name, took in found.items():
        print(f"| {name} | {took * 1000:.2f} | {took / found[against]:.2f} | {goal if 'codezest' in name else ''} |")


VERIFIED_TABLE = """
CREATE TABLE v{0} (
    id uuid DEFAULT gen_random_uuid() CONSTRAINT v{0}_pk PRIMARY KEY,
    user_id uuid NOT NULL,
    name text NOT NULL CONSTRAINT v{0}_name_check CHECK (length(name) BETWEEN 1 AND 200),
    email text CONSTRAINT v{0}_email_key UNIQUE,
    meta jsonb NOT NULL DEFAULT '{{}}',
    score numeric(10, 2) CONSTRAINT v{0}_score_check CHECK (score >= 0),
    is_active boolean DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX v{0}_user_id_idx ON v{0} (user_id);
COMMENT ON TABLE v{0} IS 'Table {0}.';
"""


def noop(bench: Bench) -> None:
    """Measure a run that finds nothing to do, on our own schema."""
    url, folder = bench.database(), ROOT / "sql" / "migrations"
    seconds(bench.ours(url, folder))
    ways = {
        "codezest-sql migrate": lambda: seconds(bench.ours(url, folder)),
        "yoyo apply": lambda: seconds(bench.yoyo(url, folder)),
        "import psycopg": lambda: seconds([sys.executable, "-c", "import psycopg"]),
        "codezest-sql --help": lambda: seconds([str(BIN / "codezest-sql"), "--help"]),
        "codezest-sql --version": lambda: seconds([str(BIN / "codezest-sql"), "--version"]),
    }
    found = interleaved(bench.rounds * 3, ways)
    table("nothing to do, process included", found, against="yoyo apply", goal="migrate ≤ 0.75; --help ≤ 80 ms")


def small_folders(parent: Path) -> tuple[Path, Path, Path]:
    """Write the first files, all files, and all with the marks of dbmate."""
    first, all_files, marked = (parent / name for name in ("first", "all", "marked"))
    for folder, count in ((first, SMALL_FILES), (all_files, SMALL_FILES + LATER_FILES)):
        folder.mkdir()
        for n in range(1, count + 1):
            (folder / f"{n:04}_t.sql").write_text(f"CREATE TABLE t{n} (id bigint PRIMARY KEY, name text NOT NULL);\n")
    marked.mkdir()
    for path in ups(all_files):
        (marked / path.name).write_text(f"-- migrate:up\n{path.read_text()}\n-- migrate:down\n")
    return first, all_files, marked


def small(bench: Bench) -> None:
    """Measure small files: all in a first run, more in a later one; the time of an idle run is taken off."""
    first, all_files, marked = small_folders(bench.folder)
    tools = {"codezest-sql": bench.ours, "yoyo": bench.yoyo}
    if bench.dbmate:
        tools["dbmate"] = bench.dbmate_up
    runs: dict[str, dict[str, list[float]]] = {"first": defaultdict(list), "later": defaultdict(list)}
    for number in range(bench.rounds + 1):
        for name, words in tools.items():
            url = bench.database()
            begin, rest = first, all_files
            if name == "dbmate":
                begin, rest = bench.folder / f"dbmate{number}", marked
                begin.mkdir()
                for path in ups(marked)[:SMALL_FILES]:
                    shutil.copy(path, begin)
            took = seconds(words(url, begin))
            again = seconds(words(url, begin))
            later = seconds(words(url, rest))
            idle = seconds(words(url, rest))
            if number:
                runs["first"][name].append((took - again) / SMALL_FILES)
                runs["later"][name].append((later - idle) / LATER_FILES)
        if number:
            whole, part = plain_psycopg(bench.database(), all_files)
            runs["first"]["psycopg, no ledger"].append(whole)
            runs["later"]["psycopg, no ledger"].append(part)
    for run, found in runs.items():
        medians = {name: statistics.median(times) for name, times in found.items()}
        table(f"each of many small files, {run} run", medians, against="yoyo", unit="ms/file", goal="≤ 2 ms")
    if not bench.dbmate:
        print(f"\ndbmate: {bench.why_no_dbmate}")


def plain_psycopg(url: str, folder: Path) -> tuple[float, float]:
    """Return the seconds a file takes with BEGIN, the file and COMMIT: of the first files, of the later ones."""
    took: list[float] = []
    files = [path.read_bytes() for path in ups(folder)]
    with psycopg.connect(url, autocommit=True) as connection:
        for part in (files[:SMALL_FILES], files[SMALL_FILES:]):
            began = time.perf_counter()
            for text in part:
                with connection.transaction():
                    connection.execute(text)
            took.append((time.perf_counter() - began) / len(part))
    return took[0], took[1]


def large(bench: Bench) -> None:
    """Measure from the process's start until the first statement of a 4 MB file runs, by the server's clock."""
    folder = bench.folder / "large"
    folder.mkdir()
    # Long statements: yoyo keeps a savepoint for each, and ends at max_locks_per_transaction where they are many.
    row = "    ('a row; of a large file', 'it''s text', 12345)"
    statement = "INSERT INTO filled VALUES\n" + ",\n".join([row] * 800) + ";\n"
    head = "CREATE TABLE began AS SELECT clock_timestamp() AS at;\nCREATE TABLE filled (a text, b text, c int);\n"
    (folder / "0001_large.sql").write_text(head + statement * (LARGE_BYTES // len(statement)))

    def until_start(words: Callable[[str, Path], list[str]]) -> float:
        url = bench.database()
        began = time.time()
        seconds(words(url, folder))
        with psycopg.connect(url) as connection:
            found = connection.execute("SELECT extract(epoch FROM at)::float8 FROM began").fetchone()
        return float(found[0]) - began if found else 0.0

    ours = interleaved(
        bench.rounds, {"codezest-sql": lambda: until_start(bench.ours), "psql": lambda: until_start(bench.psql)}
    )
    ours["yoyo (once)"] = until_start(bench.yoyo)
    table("a 4 MB file: its first statement starts after", ours, against="yoyo (once)", goal="≤ 200 ms")


def fresh(bench: Bench) -> None:
    """Measure our tables on a fresh embedded server, next to psql over the same files plus the server's start."""
    folder = ROOT / "sql" / "migrations"

    def embedded() -> float:
        with tempfile.TemporaryDirectory(prefix="codezest-bench-") as name:
            (Path(name) / "pyproject.toml").write_text("[tool.codezest-sql]\n")
            began = time.perf_counter()
            program = str(BIN / "codezest-sql")
            words = [program, "migrate", "--migrations", str(folder)]
            subprocess.run(words, cwd=name, env=ENVIRONMENT, check=True, capture_output=True)
            took = time.perf_counter() - began
            subprocess.run(
                [program, "db", "reset", "--yes"], cwd=name, env=ENVIRONMENT, check=True, capture_output=True
            )
            return took

    def by_psql() -> float:
        with tempfile.TemporaryDirectory(prefix="codezest-bench-") as name:
            (Path(name) / "pyproject.toml").write_text("[tool.codezest-sql]\n")
            program = str(BIN / "codezest-sql")
            began = time.perf_counter()
            start = [program, "db", "url"]
            done = subprocess.run(start, cwd=name, env=ENVIRONMENT, check=True, capture_output=True, text=True)
            took = time.perf_counter() - began + seconds(bench.psql(done.stdout.strip(), folder))
            subprocess.run(
                [program, "db", "reset", "--yes"], cwd=name, env=ENVIRONMENT, check=True, capture_output=True
            )
            return took

    found = interleaved(bench.rounds, {"codezest-sql migrate": embedded, "db url + psql": by_psql})
    table("our schema on a fresh embedded server", found, against="db url + psql", goal="≤ 1.5")


def verify(bench: Bench) -> None:
    """Measure `migrate verify` over 1,000 tables, where there is such a command."""
    program = str(BIN / "codezest-sql")
    if subprocess.run([program, "migrate", "verify", "--help"], capture_output=True, check=False).returncode:
        print("\nverify of 1,000 tables: there is no `codezest-sql migrate verify` yet")
        return
    folder = bench.folder / "verified"
    folder.mkdir()
    for n in range(VERIFIED_FILES):
        names = range(n * TABLES_PER_FILE, (n + 1) * TABLES_PER_FILE)
        (folder / f"{n:04}_v.sql").write_text("".join(VERIFIED_TABLE.format(i) for i in names))
    url = bench.database()
    seconds(bench.ours(url, folder))
    cache = bench.folder / "cache"
    words = [program, "migrate", "verify", "--database-url", url, "--migrations", str(folder)]
    words = ["env", f"XDG_CACHE_HOME={cache}", *words]
    seconds(words)  # initdb runs once per server version

    def anew() -> float:
        shutil.rmtree(cache / "codezest-sql" / "shadows")
        return seconds(words)

    found = interleaved(
        bench.rounds,
        {"verify, its shadow created again": anew, "verify, its shadow remembered": lambda: seconds(words)},
    )
    table("verify of 1,000 tables", found, against="verify, its shadow created again", goal="≤ 2000 ms")


ROWS = {"noop": noop, "small": small, "large": large, "fresh": fresh, "verify": verify}


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=ROWS, action="append")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="codezest-bench-")))
        binaries = find_binaries(None)
        bench = Bench(folder, stack.enter_context(temporary_server(binaries)), binaries.bindir, options.rounds)
        print(f"{binaries}, Python {sys.version.split()[0]}, psycopg {psycopg.__version__}, rounds {options.rounds}")
        for name in options.only or ROWS:
            ROWS[name](bench)


if __name__ == "__main__":
    main()
