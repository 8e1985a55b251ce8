"""Many deployers at once on one empty database, as when all instances of an application start together."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.faults.deployments import applied, invalid_indexes, journal, value

if TYPE_CHECKING:
    from tests.faults.deployments import Connection, Project

FILES = ("0001_table", "0002_index", "0003_rows", "0004_more")


@dataclass(frozen=True, slots=True)
class Crowd:
    """How each deployer ended, and what is wrong with the database; () where nothing is."""

    codes: tuple[int, ...]
    waited: int
    problems: tuple[str, ...]


def write_files(project: Project) -> None:
    """Write four migrations, one with a CREATE INDEX CONCURRENTLY, in which a blocking lock would deadlock."""
    project.write("0001_table", "CREATE TABLE t (a int);\nINSERT INTO t SELECT generate_series(1, 100);")
    project.write_alone("0002_index", "CREATE INDEX CONCURRENTLY i ON t (a);\nINSERT INTO t VALUES (0);")
    project.write("0003_rows", "ALTER TABLE t ADD COLUMN b int;\nINSERT INTO t VALUES (-1);\nSELECT pg_sleep(0.02);")
    project.write_alone("0004_more", "CREATE UNIQUE INDEX CONCURRENTLY ON t (a);")


def migrate_at_once(project: Project, number: int) -> Crowd:
    """Start ``number`` deployers together and wait for all."""
    with ExitStack() as stack:
        started = [stack.enter_context(project.start("up", "--wait", "60s")) for _ in range(number)]
        outcomes = [running.wait() for running in started]
    with project.connect() as connection:
        problems = tuple(_problems(connection))
    failed = tuple(str(outcome) for outcome in outcomes if outcome.code != 0)
    # Each file once: what they say together is the folder.
    told = sorted(line.split()[2] for o in outcomes for line in o.output.splitlines() if "applied 0" in line)
    if told != list(FILES):
        failed = (*failed, f"the deployers say they applied {told}")
    return Crowd(
        tuple(outcome.code for outcome in outcomes),
        sum("waiting for" in outcome.output for outcome in outcomes),
        (*failed, *problems),
    )


def _problems(connection: Connection) -> list[str]:
    found: list[str] = []

    def require(name: str, actual: object, expected: object) -> None:
        if actual != expected:
            found.append(f"{name}: {actual}, not {expected}")

    require("the ledger", applied(connection), list(FILES))
    require("the journal", journal(connection), [])
    require("INVALID indexes", invalid_indexes(connection), [])
    require("indexes", value(connection, "SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass"), 2)
    require("rows", value(connection, "SELECT count(*) FROM t"), 102)
    logged = "SELECT count(*) FROM _yoyo_log WHERE operation = 'apply' AND migration_id IS NOT NULL"
    require("applications in the log", value(connection, logged), len(FILES))
    return found
