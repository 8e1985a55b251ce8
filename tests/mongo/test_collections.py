"""Documents go in and come out as models, by both APIs, over TCP."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel

pytest.importorskip("pymongo", reason="pymongo is not installed: pip install codezest-sql[mongo]")

from codezest_sql.errors import (
    ArgumentError,
    ConnectionLostError,
    ConnectionUnusableError,
    UniqueViolation,
    UnreadableValueError,
)
from codezest_sql.platform.mongo import (
    AnalysisTranscript,
    AsyncCollection,
    AsyncStore,
    Collection,
    ContentRevision,
    Document,
    ExecutionLog,
    Store,
    connect,
    connect_async,
    prepare,
    prepare_async,
)
from codezest_sql.platform.mongo.documents import Speaker, Utterance
from codezest_sql.platform.mongo.stored import to_stored

if TYPE_CHECKING:
    from collections.abc import Iterator


class Face:
    """A store by one face; an async one runs in a loop of its own."""

    def __init__(self, kind: str, uri: str) -> None:
        self.kind = kind
        self._runner = asyncio.Runner()
        self._client: Any = connect(uri) if kind == "sync" else self._run(self._connect(uri))
        self.store: Any = Store(self._client) if kind == "sync" else AsyncStore(self._client)  # type: ignore[arg-type]
        self.call(prepare if kind == "sync" else prepare_async, self.store.database)

    async def _connect(self, uri: str) -> Any:
        return connect_async(uri)

    def _run(self, awaitable: Any) -> Any:
        return self._runner.run(awaitable)

    def call(self, function: Any, *arguments: Any, **named: Any) -> Any:
        """Call a method of either face; a generator becomes a list."""
        found = function(*arguments, **named)
        if inspect.isasyncgen(found):

            async def collect() -> list[Any]:
                return [each async for each in found]

            return self._run(collect())
        if inspect.isawaitable(found):

            async def wait() -> Any:
                return await found

            return self._run(wait())
        return list(found) if inspect.isgenerator(found) else found

    def close(self) -> None:
        """Close the client and the loop."""
        self.call(self._client.close)
        self._runner.close()


@pytest.fixture(params=["sync", "async"])
def face(request: pytest.FixtureRequest, uri: str) -> Iterator[Face]:
    found = Face(request.param, uri)
    yield found
    found.close()


def log(user_id: UUID | None = None, **change: Any) -> ExecutionLog:
    said: dict[str, Any] = {
        "user_id": user_id or uuid4(),
        "submission_id": uuid4(),
        "stdout": "1\n",
        "duration_ms": 3,
    }
    return ExecutionLog(**(said | change))


def test_what_is_read_is_what_was_written(face: Face) -> None:
    logs = face.store.execution_logs
    made = log(exit_code=None, stderr="✗ Ω")
    face.call(logs.insert, made)
    assert face.call(logs.get, made.id) == made
    assert face.call(logs.get, uuid4()) is None
    transcript = AnalysisTranscript(
        user_id=uuid4(), analysis_id=uuid4(), ai_model="m",
        utterances=[Utterance(speaker=Speaker.USER, text="?"), Utterance(speaker=Speaker.MODEL, text="!")],
    )  # fmt: skip
    face.call(face.store.analysis_transcripts.insert, transcript)
    assert face.call(face.store.analysis_transcripts.get, transcript.id) == transcript


def test_a_filter_finds_by_values_of_python_in_an_order_and_to_a_limit(face: Face) -> None:
    logs, user_id = face.store.execution_logs, uuid4()
    made = [log(user_id, duration_ms=number) for number in (3, 1, 2)]
    assert face.call(logs.insert_many, [*made, log()]) == 4
    assert face.call(logs.insert_many, []) == 0
    found = face.call(logs.find, {"user_id": user_id}, sort=[("duration_ms", -1)], limit=2)
    assert [each.duration_ms for each in found] == [3, 2]
    assert face.call(logs.count, {"user_id": user_id}) == 3
    assert len(face.call(logs.find)) == 4
    assert face.call(logs.find, {"id": made[1].id}) == [made[1]]
    assert face.call(logs.delete, {"duration_ms": {"$gte": 2}, "user_id": user_id}) == 2
    assert face.call(logs.count) == 2


def test_an_id_is_there_once(face: Face) -> None:
    made = log()
    face.call(face.store.execution_logs.insert, made)
    with pytest.raises(UniqueViolation) as caught:
        face.call(face.store.execution_logs.insert, made)
    assert caught.value.message == "execution_logs: a document with this key is there already"


def test_of_many_the_first_that_is_there_already_is_named(face: Face) -> None:
    made = [log() for _ in range(3)]
    face.call(face.store.execution_logs.insert, made[1])
    with pytest.raises(UniqueViolation) as caught:
        face.call(face.store.execution_logs.insert_many, made)
    assert caught.value.message == "execution_logs: number 2 of them: a document with this key is there already"


def test_what_a_document_cannot_hold_is_refused_and_not_repeated(face: Face) -> None:
    with pytest.raises(ArgumentError, match="number of more than 64 bits") as caught:
        face.call(face.store.execution_logs.insert, log(stdout="secret", duration_ms=2**63))
    assert "secret" not in str(caught.value)
    large = ContentRevision(material_id=uuid4(), revision=1, body="x" * 17 * 2**20)
    with pytest.raises(ArgumentError, match="larger than MongoDB takes"):
        face.call(face.store.content_revisions.insert, large)


def test_a_revision_of_a_material_is_there_once(face: Face) -> None:
    material_id = uuid4()
    revisions = face.store.content_revisions
    face.call(revisions.insert, ContentRevision(material_id=material_id, revision=1, body="a"))
    with pytest.raises(UniqueViolation):
        face.call(revisions.insert, ContentRevision(material_id=material_id, revision=1, body="b"))
    face.call(revisions.insert, ContentRevision(material_id=material_id, revision=2, body="b"))
    newest = face.call(revisions.find, {"material_id": material_id}, sort=[("revision", -1)], limit=1)
    assert [each.body for each in newest] == ["b"]


def test_of_two_who_replace_the_same_one_is_late(face: Face) -> None:
    revisions = face.store.content_revisions
    first = ContentRevision(material_id=uuid4(), revision=1, body="a")
    face.call(revisions.insert, first)
    mine, yours = (first.model_copy(update={"body": body}) for body in ("mine", "yours"))
    assert face.call(revisions.replace, mine, expected=first) is True
    assert face.call(revisions.replace, yours, expected=first) is False
    assert face.call(revisions.get, first.id).body == "mine"


def test_an_aggregation_gives_models(face: Face) -> None:
    class Total(BaseModel):
        runs: int
        duration_ms: int

    user_id = uuid4()
    face.call(
        face.store.execution_logs.insert_many, [log(user_id, duration_ms=number) for number in (2, 5)] + [log()]
    )
    pipeline = [
        {"$match": {"user_id": user_id}},
        {"$group": {"_id": None, "runs": {"$sum": 1}, "duration_ms": {"$sum": "$duration_ms"}}},
        {"$project": {"_id": 0, "runs": 1, "duration_ms": 1}},
    ]
    assert face.call(face.store.execution_logs.aggregate, pipeline, Total) == [Total(runs=2, duration_ms=7)]


def test_a_document_that_the_model_refuses_is_named_without_its_content(face: Face) -> None:
    logs = face.store.execution_logs
    key = str(uuid4())
    face.call(logs.raw.insert_one, {"_id": key, "stdout": "secret"})
    with pytest.raises(UnreadableValueError) as caught:
        face.call(logs.get, UUID(key))
    assert f"execution_logs: the document {key} is no ExecutionLog: user_id: Field required" in caught.value.message
    assert "secret" not in str(caught.value)


def test_both_faces_have_the_same_methods() -> None:
    def shape(kind: type) -> dict[str, list[str]]:
        return {
            name: [*inspect.signature(member).parameters]
            for name, member in vars(kind).items()
            if inspect.isfunction(member) and not name.startswith("_")
        }

    assert shape(Collection) == shape(AsyncCollection)


def test_an_address_that_is_none_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MONGODB_URI", raising=False)
    with pytest.raises(ConnectionUnusableError, match="no document store is named"):
        connect()
    with pytest.raises(ConnectionUnusableError) as caught:
        connect("mongodb://me:se/cret@host:x/shop")
    assert "cret" not in str(caught.value)


def test_a_server_that_is_not_there_is_told_in_time(unused_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connect.__globals__["_OPTIONS"], "serverSelectionTimeoutMS", 200)
    client = connect(f"mongodb://me:secret@127.0.0.1:{unused_port}/shop")
    with pytest.raises(ConnectionLostError) as caught:
        Store(client).execution_logs.count()
    assert "secret" not in str(caught.value)
    client.close()


def test_an_id_within_a_document_stays_what_it_is(face: Face) -> None:
    class Part(BaseModel):
        id: int
        name: str

    class Whole(Document):
        collection = "wholes"

        part: Part
        more: dict[str, int]

    whole = Whole(part=Part(id=3, name="a"), more={"id": 4})
    kind: Any = Collection if face.kind == "sync" else AsyncCollection
    wholes = kind(Whole, face.store.database["wholes"])
    face.call(wholes.insert, whole)
    assert face.call(wholes.get, whole.id) == whole
    for where in ({"id": whole.id}, {"$or": [{"id": whole.id}]}, {"part.id": 3}):
        assert face.call(wholes.find, where) == [whole]
    # A filter by a whole part is more than nx-27017 understands.
    by_part = {"part": {"id": 3, "name": "a"}, "more": {"$elemMatch": {"id": 4}}}
    assert to_stored(by_part) == by_part
    found = face.call(wholes.aggregate, [{"$match": {"id": whole.id}}], Whole)
    assert found == [whole]
