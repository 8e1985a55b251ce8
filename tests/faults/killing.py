"""Kills a deployer at random moments and runs it again, with no manual step, until everything is applied or undone.

After each kill ledger, journal and schema are compared; at the end the catalog with that of an undisturbed run. All
choices come from one seed. The moments of the kills are fractions of how long a clean run takes, so the same seed
makes the same choices, while the machine decides what they hit.
"""

from __future__ import annotations

import random
import signal
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import psycopg

from codezest_sql.core.migrations.history import Direction
from codezest_sql.core.schema.diff import diff
from codezest_sql.core.schema.diff_text import render_text
from codezest_sql.executor.guard import worker_key
from codezest_sql.postgres.catalog.reader import read_schema
from tests.faults.deployments import (
    Project,
    deployer_pids,
    invalid_indexes,
    journal,
    until,
    value,
    wait_until_gone,
)
from tests.faults.workload import PREPARATION, WORK, mismatches, write_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from codezest_sql.core.schema.objects import Schema
    from codezest_sql.postgres.server.temporary_server import TemporaryServer
    from tests.faults.deployments import Connection, Outcome, Running


class Kill(StrEnum):
    """Who is killed, and how."""

    SIGKILL = "sigkill"
    SIGTERM = "sigterm"
    TERMINATE = "terminate"
    SERVER = "server"


# How a killed run may end: killed, finished just before, told so by its connection, or refused by a server that is
# gone. -15 is a SIGTERM before Python has read the program.
_ENDS = {
    Kill.SIGKILL: {-9, 0},
    Kill.SIGTERM: {143, -15, 0},
    Kill.TERMINATE: {1, 0},
    Kill.SERVER: {1, 6, 0},
}
_BASE = WORK[0].id
_TEMPLATE = "kill_template"
_COMMANDS = {Direction.UP: ("up",), Direction.DOWN: ("down", "--to", _BASE, "--yes")}


class Server(Protocol):
    """A server where databases may be created."""

    def url(self, dbname: str = "postgres") -> str:
        """Return the URL of one of its databases."""
        ...


@dataclass
class Tally:
    """What happened in all rounds so far; times in seconds."""

    rounds: int = 0
    kills: dict[Kill, int] = field(default_factory=lambda: dict.fromkeys(Kill, 0))
    missed: int = 0
    """Kills that came too late: the run was over."""
    hits: int = 0
    """Kills at a moment when the deployer was connected."""
    half_run: int = 0
    """Kills that left a non-transactional file half run."""
    unfinished: int = 0
    """Kills within a statement that runs outside of a transaction."""
    invalid: int = 0
    """Kills that left an INVALID index."""
    mismatches: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Undisturbed reruns that did not succeed: each would have been a manual step."""
    slowest_release: float = 0.0
    slowest_successor: float = 0.0

    @property
    def killed(self) -> int:
        """The number of all kills."""
        return sum(self.kills.values())


@dataclass(frozen=True, slots=True)
class _Clean:
    """What an undisturbed run leads to."""

    schema: Schema
    rows: object


class KillRange:
    """A server, a folder of migrations and their undisturbed result: ready for rounds of kills."""

    def __init__(self, folder: Path, server: Server, seed: int, *, own: TemporaryServer | None = None) -> None:
        """Measure the undisturbed runs. ``own`` is the same server where it may be killed."""
        self.tally = Tally()
        self._server = server
        self._own = own
        self._random = random.Random(seed)
        self._number = 0
        self._folder = folder
        # How long an undisturbed run takes, in seconds: until its guard is there, and from then on.
        self._start = 0.0
        self._work = dict.fromkeys(Direction, 0.0)
        project = self._project("template1", name=_TEMPLATE)
        self._clean = {Direction.UP: self._measure(project, Direction.UP)}
        clean_down = self._project(_TEMPLATE)
        self._clean[Direction.DOWN] = self._measure(clean_down, Direction.DOWN)

    def round(self, kinds: tuple[Kill, ...], *, direction: Direction | None = None) -> None:
        """Run once from an empty (or whole) database, with one to three kills of ``kinds``."""
        choice = self._random
        way = direction or choice.choice((Direction.UP, Direction.UP, Direction.UP, Direction.DOWN))
        project = self._project("template1" if way is Direction.UP else _TEMPLATE)
        self.tally.rounds += 1
        with _busy(project.url):
            kills = choice.randint(1, 3)
            for _ in range(kills):
                kind, fraction = choice.choice(kinds), choice.random()
                early, eager = choice.random() < 0.1, choice.random() < 0.4
                self._kill(project, way, kind, fraction, early=early, eager=eager)
            self._finish(project, way)
        self._drop(project)

    def _kill(
        self, project: Project, way: Direction, kind: Kill, fraction: float, *, early: bool, eager: bool
    ) -> None:
        """Start a run and kill it after this fraction of its time: ``early`` before it connects, else after that."""
        left = self._left(project, way)
        with project.connect() as watching, project.start(*_COMMANDS[way]) as running:
            if early:
                time.sleep(fraction * self._start)
            else:
                until(lambda: running.ended or deployer_pids(watching, "guard"), "a deployer")
                moment = fraction * self._work[way] * left
                with suppress(subprocess.TimeoutExpired):
                    began = time.monotonic()
                    running.process.wait(moment)
                    self._learn(way, left, time.monotonic() - began)
            if running.ended:
                self.tally.missed += 1
                self._require_success(running.wait())
                return
            hit = bool(deployer_pids(watching))
            killed_at = time.monotonic()
            self._strike(kind, running, watching)
            if hit and eager and kind in {Kill.SIGKILL, Kill.SIGTERM}:
                self._follow(project, way, running, killed_at)
            outcome = running.wait()
        self.tally.kills[kind] += 1
        self.tally.hits += hit
        self._check_end(kind, outcome)
        if kind is Kill.SERVER:
            assert self._own is not None
            self._own.restart()
        with project.connect() as connection:
            wait_until_gone(connection)
            if hit and kind is not Kill.SERVER and not eager:
                self.tally.slowest_release = max(self.tally.slowest_release, time.monotonic() - killed_at)
            self._check(connection, way)

    def _strike(self, kind: Kill, running: Running, watching: Connection) -> None:
        match kind:
            case Kill.SIGKILL:
                running.process.kill()
            case Kill.SIGTERM:
                running.process.send_signal(signal.SIGTERM)
            case Kill.TERMINATE:
                role = self._random.choice(("worker", "guard", ""))
                for pid in deployer_pids(watching, role):
                    watching.execute("SELECT pg_terminate_backend(%s)", [pid])
            case Kill.SERVER:
                assert self._own is not None
                self._own.kill()

    def _follow(self, project: Project, way: Direction, dead: Running, killed_at: float) -> None:
        """Start the next deployer at once, and measure when it has the locks: the start of its process included."""
        with project.connect() as watching, project.start(*_COMMANDS[way]) as successor:
            held = (
                "SELECT EXISTS (SELECT FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid) "
                "WHERE l.locktype = 'advisory' AND l.granted AND (l.classid::bigint << 32 | l.objid::bigint) = %s "
                "AND a.application_name ~ %s AND l.database = a.datid AND a.datname = current_database())"
            )
            mine = rf"worker \(.* {successor.process.pid}\)$"
            until(lambda: successor.ended or value(watching, held, worker_key("public"), mine), "the next deployer")
            self.tally.slowest_successor = max(self.tally.slowest_successor, time.monotonic() - killed_at)
            dead.wait()
            self._require_success(successor.wait())

    def _learn(self, way: Direction, left: float, seconds: float) -> None:
        """Follow how much time the machine has: a run of the part ``left`` took so many seconds undisturbed."""
        if left > 0.4:
            self._work[way] = (self._work[way] + seconds / left) / 2

    def _finish(self, project: Project, way: Direction) -> None:
        left = self._left(project, way)
        with project.connect() as watching, project.start(*_COMMANDS[way]) as running:
            until(lambda: running.ended or deployer_pids(watching, "guard"), "a deployer")
            began = time.monotonic()
            self._require_success(running.wait())
            self._learn(way, left, time.monotonic() - began)
        with project.connect() as connection:
            wait_until_gone(connection)
            self._check(connection, way)
            clean = self._clean[way]
            found = diff(clean.schema, read_schema(connection))
            if found:
                self.tally.mismatches.append(f"the catalog differs from an undisturbed run's:\n{render_text(found)}")
            if _rows(connection) != clean.rows:
                self.tally.mismatches.append(f"the rows differ from an undisturbed run's: {_rows(connection)}")
            if journal(connection):
                self.tally.mismatches.append(f"the journal is not empty at the end: {journal(connection)}")

    def _check(self, connection: Connection, way: Direction) -> None:
        self.tally.mismatches.extend(mismatches(connection, way))
        if value(connection, "SELECT to_regclass('_codezest_journal') IS NOT NULL"):
            states = [state for _, _, state in journal(connection)]
            self.tally.half_run += bool(states)
            self.tally.unfinished += "running" in states
            self.tally.invalid += bool(invalid_indexes(connection))

    def _check_end(self, kind: Kill, outcome: Outcome) -> None:
        if outcome.code not in _ENDS[kind] or "Traceback" in outcome.errors:
            self.tally.mismatches.append(f"a run that met {kind} ended so: {outcome}")

    def _require_success(self, outcome: Outcome) -> None:
        if outcome.code != 0:
            self.tally.refused.append(str(outcome))

    def _left(self, project: Project, way: Direction) -> float:
        """Return which part of the migrations is still to be run."""
        with project.connect() as connection:
            if value(connection, "SELECT to_regclass('_yoyo_migration') IS NULL"):
                return 1.0
            done = int(value(connection, "SELECT count(*) FROM _yoyo_migration"))
        return (len(WORK) - done if way is Direction.UP else done - 1) / len(WORK)

    def _measure(self, project: Project, way: Direction) -> _Clean:
        began = time.monotonic()
        with project.connect() as watching, _busy(project.url), project.start(*_COMMANDS[way]) as running:
            until(lambda: running.ended or deployer_pids(watching, "guard"), "a deployer")
            connected = time.monotonic()
            outcome = running.wait()
            self._start, self._work[way] = connected - began, time.monotonic() - connected
        assert outcome.code == 0, outcome
        with project.connect() as connection:
            wait_until_gone(connection)
            found = mismatches(connection, way)
            assert not found, found
            return _Clean(read_schema(connection), _rows(connection))

    def _project(self, template: str, *, name: str | None = None) -> Project:
        self._number += 1
        database = name or f"kill_{self._number}"
        with psycopg.connect(self._server.url(), autocommit=True) as admin:
            # FILE_COPY: with the data in memory its checkpoints cost nothing.
            admin.execute(f"CREATE DATABASE {database} TEMPLATE {template} STRATEGY FILE_COPY".encode())
        # Every lock is obtained in the end: nothing here is held for longer than a moment.
        project = Project(self._folder, self._server.url(database), lock_retry="60s")
        write_folder(project)
        if template != _TEMPLATE:
            with project.connect() as connection:
                connection.execute(PREPARATION)
        return project

    def _drop(self, project: Project) -> None:
        with project.connect() as connection:
            name = value(connection, "SELECT current_database()")
        with psycopg.connect(self._server.url(), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def _busy(url: str) -> Iterator[None]:
    """Keep short transactions open on the tables, one after the other, so that concurrent builds have to wait."""
    ended = threading.Event()

    def write() -> None:
        number = 0
        while not ended.is_set():
            try:
                with psycopg.connect(url, application_name="busy") as connection:
                    while not ended.is_set():
                        number += 1
                        table = ("busy", "lone", "parted_1", "side.here")[number % 4]
                        with suppress(psycopg.errors.UndefinedTable):
                            connection.execute(f"INSERT INTO {table} (a) VALUES (1)".encode())
                        ended.wait(0.03)
                        connection.rollback()
                        ended.wait(0.005)
            except psycopg.Error:  # the server was killed, or this session was its deadlock's victim
                ended.wait(0.02)

    thread = threading.Thread(target=write, name="busy")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _rows(connection: Connection) -> object:
    """Return what a run writes apart from the schema: its effects, its ledger, the number of rows of its tables."""
    effects = value(connection, "SELECT array_agg((migration, number)::text ORDER BY 1) FROM probe.effect")
    entries = connection.execute("SELECT migration_id, migration_hash FROM _yoyo_migration ORDER BY 1").fetchall()
    contents = connection.execute("SELECT migration_id, sha256 FROM _codezest_migration ORDER BY 1").fetchall()
    return effects, entries, contents, value(connection, "SELECT count(*) FROM busy")
