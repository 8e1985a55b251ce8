"""Broken queries: new migrations run on the schema of a release, statement by statement, against its queries."""

from __future__ import annotations

from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from itertools import compress
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from codezest_sql.actions.migrations.temporary_run import statement_at
from codezest_sql.actions.queries.schema_server import start_with_schema
from codezest_sql.actions.review.cache import combined, next_key, recall, remember, root_key
from codezest_sql.actions.review.seeded_run import Trial
from codezest_sql.core.describe.description import Refusal
from codezest_sql.core.lint.finding import Finding, Severity, Source, in_order
from codezest_sql.core.migrations.superuser_needed import Refused, hint_of
from codezest_sql.core.query_files.variants import variants
from codezest_sql.core.review.broken_queries.compare import Seen, breaks
from codezest_sql.core.review.broken_queries.events import events
from codezest_sql.core.review.broken_queries.uses import FIRST_NORMAL_OID, Uses, read_uses
from codezest_sql.core.review.trace.leftover import leftover_finding
from codezest_sql.core.review.trace.stored import read_measured, write_measured
from codezest_sql.core.sql.token_reader import first_word
from codezest_sql.place import Place, excerpt
from codezest_sql.postgres.describe.describe import Analyst, Asked
from codezest_sql.postgres.explain.explain import Explainer
from codezest_sql.postgres.server.extensions import choose_binaries
from codezest_sql.postgres.trace.function_bodies import read_broken_bodies
from codezest_sql.postgres.trace.leftovers import read_leftovers, read_objects
from codezest_sql.postgres.trace.query_dependencies import read_roles, read_state
from codezest_sql.postgres.trace.tracer import SESSION, Tracer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from codezest_sql.actions.review.release import NamedQuery
    from codezest_sql.core.describe.types import TypeFacts
    from codezest_sql.core.migrations.files.folder import MigrationFolder
    from codezest_sql.core.migrations.files.script import Migration, Script
    from codezest_sql.core.query_files.query import Variant
    from codezest_sql.core.review.broken_queries.events import Event, State
    from codezest_sql.core.review.trace.measured import Measured
    from codezest_sql.core.settings import Settings
    from codezest_sql.core.sql.statements import Statement
    from codezest_sql.postgres.server.temporary_database import TemporaryDatabase
    from codezest_sql.postgres.server.temporary_server import TemporaryServer
    from codezest_sql.postgres.trace.leftovers import Leftover

# Statements after which the catalog is the same for queries as before.
_NO_CHANGE = frozenset({
    "ANALYZE", "CLUSTER", "COMMENT", "COPY", "DELETE", "INSERT", "LOCK", "MERGE", "REFRESH", "REINDEX", "RESET",
    "SET", "UPDATE", "VACUUM",
})  # fmt: skip

# Events that may change a query which uses nothing else of them: enums, composite types, domains.
_OF_TYPES = frozenset({"label", "type", "view"})
# What is new of these, a query that reads the same as before does not use.
_NEW = frozenset({"column", "relation", "view", "type", "label", "function", "body", "right"})


@dataclass(frozen=True, slots=True)
class Blocked:
    """Queries that wait once a statement has run, until its transaction ends."""

    place: Place
    queries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flight:
    """What was found of the queries, who waits at which statement, what statements did; ``server`` is its name.

    ``unmeasured`` are the IDs of the migrations that were not measured to their end, each with the reason.
    ``roles`` are those that the files name and none makes.
    """

    findings: tuple[Finding, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    measured: tuple[Measured, ...] = ()
    server: str = ""
    unmeasured: tuple[tuple[str, str], ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    query: NamedQuery
    variant: Variant


def fly(
    settings: Settings,
    base: MigrationFolder | None,
    new: Sequence[Migration],
    queries: Sequence[NamedQuery],
    extensions: frozenset[str],
) -> Flight:
    """Run ``new`` on the schema of ``base``, and return which queries break or are blocked by it.

    Raises what ``start_with_schema`` raises.
    """
    asked = [_Asked(query, variant) for query in queries for variant in variants(query.query)]
    key = root_key(settings, base, choose_binaries(extensions).binaries)
    for each in new:
        key = next_key(key, each)
    key = combined(key, "flight", [(str(each.query), each.variant.text) for each in asked])
    known = _recall(key)
    if known is not None:
        return known
    flight = _fly(settings, base, new, asked, extensions)
    remember(
        key,
        {
            "findings": [each.write() for each in flight.findings],
            "blocked": [[*_place(each.place), *each.queries] for each in flight.blocked],
            "measured": [write_measured(each) for each in flight.measured],
            "server": flight.server,
            "unmeasured": [[*each] for each in flight.unmeasured],
            "roles": [*flight.roles],
        },
    )
    return flight


def _fly(
    settings: Settings,
    base: MigrationFolder | None,
    new: Sequence[Migration],
    asked: Sequence[_Asked],
    extensions: frozenset[str],
) -> Flight:
    """Run it; on a new server each time that a migration is refused for the lack of what the server can be given."""
    roles: dict[str, bool] = {}
    owners_create = False
    while True:
        with ExitStack() as stack:
            server, database = start_with_schema(stack, settings, base, extensions)
            for name, named in roles.items():
                database.make_role(name, named=named)
            if owners_create:
                database.let_owners_create()
            flight = _Flying(stack, server, database, asked).run([database.fit(each) for each in new])
            if flight is not None:
                return replace(flight, roles=database.made_roles())
            roles, owners_create = database.roles, database.owners_create


def _recall(key: str) -> Flight | None:
    """Return what an earlier run found with the same files."""
    said = recall(key)
    with suppress(ValueError, TypeError, KeyError):
        return Flight(
            tuple(Finding.read(each) for each in said["findings"]),
            tuple(Blocked(Place(*each[:3]), tuple(each[3:])) for each in said["blocked"]),
            tuple(read_measured(each) for each in said["measured"]),
            said["server"],
            tuple((str(name), str(reason)) for name, reason in said["unmeasured"]),
            tuple(said["roles"]),
        )
    return None


def _place(place: Place) -> tuple[str, int, int]:
    return place.file, place.line, place.column


class _Flying:
    def __init__(
        self, stack: ExitStack, server: TemporaryServer, database: TemporaryDatabase, asked: Sequence[_Asked]
    ) -> None:
        def connect() -> psycopg.Connection[Any]:
            connection = psycopg.connect(database.url, autocommit=True, prepare_threshold=None, options=SESSION)
            return stack.enter_context(closing(connection))

        self._database = database
        self._migrating, self._watching, self._planning = connect(), connect(), connect()
        with closing(server.superuser()) as admin:
            self._tracer = Tracer(self._migrating, self._watching, connect, admin=admin)
        self._trial = Trial(self._migrating, self._tracer, self)
        self._analyst = stack.enter_context(Analyst(self._watching))
        self._explainer = Explainer(self._planning)
        self._asked = list(asked)
        self._events: list[Event] = []
        self._blocked: list[Blocked] = []
        self._waiting: set[str] = set()
        self._seen: Sequence[Seen] = ()
        self._state: State = {}
        self._script: Script | None = None
        self._objects: frozenset[int] = frozenset()
        self._made: dict[int, Place] = {}
        self._findings: list[Finding] = []
        self._leftovers: frozenset[Leftover] = frozenset()

    def run(self, new: Sequence[Migration]) -> Flight | None:
        """Return what is found; None where the server was given what a migration lacked, and all is to run again."""
        if not new:
            return Flight()
        types = self._analyst.types
        before = self._seen = self._look_before()
        self._leftovers = read_leftovers(self._migrating)
        roles = read_roles(self._migrating)
        allowed = self._allowed(roles, before)
        for number, migration in enumerate(new):
            try:
                self._migrate(migration.up)
            except psycopg.Error as error:
                return self._failed(error, migration, new[number + 1 :])
        self._analyst.forget()
        return self._flight(
            *self._compare(before, self._look(before), (types, self._analyst.types), new),
            *self._rights(roles, allowed, new),
        )

    def _failed(self, error: psycopg.Error, migration: Migration, later: Sequence[Migration]) -> Flight | None:
        """Return what was found up to the statement that fails; what comes after it is not measured, and named.

        None where the server was given what the statement lacked.
        """
        place, script = self._trial.place, migration.up
        reason = error.diag.message_primary or ""
        refused = Refused(error.sqlstate or "", reason, statement_at(script, place))
        if self._database.mend(refused):
            return None
        message = f"does not run on the schema of the base: {reason or error}"
        hint = hint_of(refused, own=True, confined=self._database.confined) or ""
        shown = excerpt(script.text, place)
        failed = Finding("migration-failed", Severity.ERROR, place, message, hint, Source.MEASURED, shown)
        open_ = [each for each in script.statements if script.place(each.start) not in self._trial.measurements]
        here = [(migration.id, f"from line {script.place(open_[0].start).line} on: it fails there")] if open_ else []
        why = f"{script.file} fails before it"
        unmeasured = (*here, *((each.id, why) for each in later))
        findings = [_not_measured(each.up, why) for each in later]
        return replace(self._flight(failed, *findings), unmeasured=unmeasured)

    def _flight(self, *findings: Finding) -> Flight:
        server = f"PostgreSQL {self._migrating.info.parameter_status('server_version')}"
        found = in_order([*self._findings, *findings])
        return Flight(found, tuple(self._blocked), tuple(self._trial.measurements.values()), server)

    def _look_before(self) -> list[Seen]:
        """Look at the queries, and forget those that do not run on the base's schema: nothing here can break them."""
        seen = self._look()
        running = [not each.refused and _depends_on_the_schema(each) for each in seen]
        self._asked = list(compress(self._asked, running))
        return list(compress(seen, running))

    def _look(self, known: Sequence[Seen] = ()) -> list[Seen]:
        """Return what each query is; of one that nothing here can have changed, what is ``known``."""
        before = {asked.variant.text: each for asked, each in zip(self._asked, known, strict=bool(known))}
        texts = list(dict.fromkeys(asked.variant.text for asked in self._asked))
        trees = dict(zip(texts, self._analyst.trees(texts), strict=True))
        asked_again = [text for text in texts if text not in before or self._may_differ(before[text], trees[text])]
        described = self._analyst.analyse_all([Asked(text) for text in asked_again])
        uses = {text: read_uses(trees[text]) for text in asked_again}
        every = [*uses.values(), *(each.uses for each in before.values())]
        broken = read_broken_bodies(self._migrating, frozenset[int]().union(*(each.functions for each in every)))
        found = {text: replace(each, broken=_bodies(each.uses, broken)) for text, each in before.items()}
        counts = {asked.variant.text: len(asked.variant.parameters) for asked in self._asked}
        for text, answer in zip(asked_again, described, strict=True):
            refused = self._explainer.explain(text, counts[text])
            said = refused if isinstance(refused, str) else ""
            found[text] = Seen(answer, uses[text], said, _bodies(uses[text], broken), trees[text] or "")
        return [found[asked.variant.text] for asked in self._asked]

    def _may_differ(self, before: Seen, tree: str | None) -> bool:
        if tree is None or tree != before.tree:
            return True
        used = before.uses.relations | before.uses.functions
        return any(
            event.key.oid in used or event.key.kind in _OF_TYPES
            for event in self._events
            if event.before is not None or event.key.kind not in _NEW
        )

    def _migrate(self, script: Script) -> None:
        connection = self._migrating
        self._script = script
        self._state = read_state(connection) if self._asked else {}
        self._objects, self._made = read_objects(connection), {}
        self._trial.migrate(script)
        connection.execute("DISCARD ALL")
        self._findings.extend(self._trial.findings(script))
        leftovers = read_leftovers(connection)
        known = {each[1:] for each in self._leftovers}  # what a rewrite makes again has another OID
        self._findings.extend(
            leftover_finding(script, self._made.get(each.oid), each[1:])
            for each in leftovers
            if each[1:] not in known
        )
        self._leftovers = leftovers

    def transaction_begins(self) -> None:
        """Forget who waits: no lock is held."""
        self._waiting = set()

    def measured(self, place: Place) -> None:
        """Look who waits for the locks of the open transaction."""
        self._who_waits(place, self._seen, self._waiting)

    def applied(self, place: Place, statement: Statement) -> None:
        """Note what the statement made, and what it changed for queries."""
        if self._script is None or first_word(self._script.text, statement) in _NO_CHANGE:
            return
        objects = read_objects(self._migrating)
        self._made.update(dict.fromkeys(objects - self._objects, place))
        self._objects = objects
        if self._asked:
            now = read_state(self._migrating)
            self._events.extend(events(self._state, now, place))
            self._state = now

    def _who_waits(self, place: Place, seen: Sequence[Seen], known: set[str]) -> None:
        """Plan every query that uses a locked table in another session; who waits at all, waits until the end."""
        locked = self._tracer.locked()
        if not locked or not self._asked:
            return
        found: list[str] = []
        self._planning.execute("SET lock_timeout = '1ms'")
        for asked, each in zip(self._asked, seen, strict=True):
            name = str(asked.query)
            # A function may read anything; where it becomes part of the plan, so does what it reads.
            if name in known or not (each.uses.relations & locked or each.uses.calls_own_functions):
                continue
            try:
                self._plan(asked)
            except psycopg.errors.LockNotAvailable:
                known.add(name)
                found.append(name)
        self._planning.execute("RESET lock_timeout")
        if found:
            self._blocked.append(Blocked(place, tuple(found)))

    def _compare(
        self,
        before: Sequence[Seen],
        after: Sequence[Seen],
        types: tuple[Mapping[int, TypeFacts], Mapping[int, TypeFacts]],
        new: Sequence[Migration],
    ) -> Iterator[Finding]:
        told: set[tuple[str, str]] = set()
        for asked, old, now in zip(self._asked, before, after, strict=True):
            for each in breaks(old, now, self._events, types, released=bool(asked.query.release)):
                name = str(asked.query)
                if (name, each.message) in told:
                    continue
                told.add((name, each.message))
                event = each.event or next((e for e in self._events if e.key.kind in {"label", "column"}), None)
                severity = Severity.ERROR if each.is_error else Severity.WARNING
                yield self._finding("query-breaks", severity, event, f"{name} {each.message}", new)

    def _finding(
        self, code: str, severity: Severity, event: Event | None, message: str, new: Sequence[Migration]
    ) -> Finding:
        place = event.place if event else new[-1].up.place(0)
        text = next((each.up.text for each in new if each.up.file == place.file), "")
        hint = "change it in steps: first a release whose code works with both schemas, then this migration"
        return Finding(code, severity, place, message, hint, Source.QUERIES, excerpt(text, place))

    def _allowed(self, roles: Sequence[str], seen: Sequence[Seen]) -> dict[str, set[int]]:
        """Return, for each role, the numbers of the queries that it may run."""
        found: dict[str, set[int]] = {}
        for role in roles:
            self._act_as(role)
            found[role] = {
                number
                for number, (asked, each) in enumerate(zip(self._asked, seen, strict=True))
                if each.uses != Uses() and not isinstance(self._plan(asked), str)
            }
            self._planning.execute("RESET ROLE")
        return found

    def _act_as(self, role: str) -> None:
        """Plan as a role from here on; the role that migrates may lack a membership, as a superuser does not."""
        change = sql.SQL("SET ROLE {}").format(sql.Identifier(role))
        try:
            self._planning.execute(change)
        except psycopg.errors.InsufficientPrivilege:
            self._database.make_role(role, named=False)
            self._planning.execute(change)

    def _plan(self, asked: _Asked) -> object:
        return self._explainer.explain(asked.variant.text, len(asked.variant.parameters))

    def _rights(
        self, roles: Sequence[str], allowed: Mapping[str, set[int]], new: Sequence[Migration]
    ) -> Iterator[Finding]:
        revoked = [event for event in self._events if event.key.kind == "right" and event.before is not None]
        if not revoked:
            return
        present = {str(name) for (name,) in self._watching.execute("SELECT rolname::text FROM pg_catalog.pg_roles")}
        for role in roles:
            if role not in present:
                continue
            self._act_as(role)
            for number in sorted(allowed[role]):
                said = self._plan(self._asked[number])
                if isinstance(said, str) and said.startswith("permission denied"):
                    event = next((e for e in revoked if e.after is not None), revoked[0])
                    message = (
                        f"{self._asked[number].query} run as {role} is refused: {said}, since this revokes rights"
                    )
                    yield self._finding("query-breaks", Severity.ERROR, event, message, new)
            self._planning.execute("RESET ROLE")


def _not_measured(script: Script, why: str) -> Finding:
    message = f"was not measured, and queries were not held against it: {why}"
    return Finding("not-measured", Severity.ERROR, Place(script.file, 1, 1), message, source=Source.MEASURED)


def _bodies(uses: Uses, broken: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(said for oid, said in broken.items() if oid in uses.functions)


def _depends_on_the_schema(seen: Seen) -> bool:
    described = seen.described
    if isinstance(described, Refusal):
        return False
    types = [*(each.type_oid for each in described.columns), *(each.type_oid for each in described.parameters)]
    own = any(oid >= FIRST_NORMAL_OID for oid in types)
    return own or bool(seen.uses.relations) or seen.uses.calls_own_functions
