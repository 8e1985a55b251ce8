"""A learner's way through the example service, over HTTP: what works, and what is refused with a code."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

pytest.importorskip("fastapi", reason="the example's packages are not installed: pip install codezest-sql[examples]")
pytest.importorskip("uvicorn", reason="the example's packages are not installed: pip install codezest-sql[examples]")

from tests.conftest import create_database, drop_database
from tests.examples.service import ROOT, Client, serving
from tests.postgres.course import ASSIGNMENT, MODULE, OPTIONS, PYTHON, QUESTIONS, QUIZ, RIGHT, SEEDS
from tests.projects import execute, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Server, Servers

MATERIAL = "c0de0000-0000-4000-8002-000000000001"


@pytest.fixture(scope="module")
def database_url(servers: Servers, server: Server, postgres_version: int) -> Iterator[str]:
    name = f"example_{os.getpid()}"
    create_database(server, name, servers.template(postgres_version))
    url = server.url(name)
    for path in sorted(SEEDS.glob("*.sql")):
        execute(url, path.read_text("utf-8"))
    yield url
    drop_database(server, name)


@pytest.fixture(scope="module")
def address(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(database_url, tmp_path_factory.mktemp("uvicorn") / "log") as found:
        yield found


@pytest.fixture
def ada(address: str) -> Client:
    client = Client(address)
    assert client.register().status_code == 201
    return client


def test_who_registers_is_signed_in_and_has_the_free_plan(ada: Client) -> None:
    assert ada.get("/me").json()["email"] == ada.email
    assert ada.get("/me/subscription").json()["plan"] == "FREE"
    again = ada.post("/login", {"email": ada.email.upper(), "password": "long enough"})
    assert again.status_code == 200
    ada.use(again.json()["token"])
    assert ada.post("/logout").status_code == 204
    assert ada.get("/me").json()["detail"]["code"] == "not-signed-in"


def test_what_is_wrong_at_the_door_is_refused(ada: Client, address: str, database_url: str) -> None:
    other = Client(address)
    taken = other.register(email=ada.email)
    assert (taken.status_code, taken.json()["detail"]["code"]) == (409, "email-taken")
    assert other.register(email="nobody").status_code == 422
    assert other.register(password="short").status_code == 422
    count = "SELECT count(*) FROM auth.users WHERE name = 'Ada'"
    before = rows(database_url, count)
    for body in ({"email": ada.email, "password": "wrong one"}, {"email": "a@b.org", "password": "long enough"}):
        refused = other.post("/login", body)
        assert (refused.status_code, refused.json()["detail"]["code"]) == (401, "wrong-credentials")
    for token in ("nonsense", f"{uuid4()}.nonsense", "x.y"):
        other.use(token)
        assert other.get("/me").status_code == 401
    assert rows(database_url, count) == before


def test_a_course_is_found_taken_up_and_followed(ada: Client) -> None:
    assert "python" in {each["slug"] for each in ada.get("/languages").json()}
    assert [each["id"] for each in ada.get(f"/languages/{PYTHON}").json()["modules"]] == [str(MODULE)]
    module = ada.get(f"/modules/{MODULE}").json()
    assert len(module["materials"]) == 4
    early = ada.put(f"/materials/{MATERIAL}/progress", {"percent": 50})
    assert (early.status_code, early.json()["detail"]["code"]) == (409, "not-enrolled")
    assert ada.put(f"/languages/{PYTHON}/enrollment").json()["status"] == "ACTIVE"
    assert ada.put(f"/languages/{PYTHON}/enrollment").status_code == 200
    assert ada.put(f"/materials/{MATERIAL}/progress", {"percent": 100}).json()["status"] == "COMPLETED"
    assert ada.put(f"/materials/{MATERIAL}/progress", {"percent": 101}).status_code == 422
    progress = ada.get(f"/modules/{MODULE}/progress").json()
    assert progress["progress"]["percent"] == 20
    assert ada.get("/me/dashboard").json()["enrollments"][0]["percent"] == 20
    for path in ("/languages", "/modules", "/materials", "/assignments"):
        assert ada.get(f"{path}/{uuid4()}").status_code == 404


def grade(url: str) -> None:
    """Run the other example until nothing waits."""
    subprocess.run(
        [sys.executable, "-m", "examples.grader.worker", "--once"],
        cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, check=True, capture_output=True, timeout=60,
    )  # fmt: skip


def test_code_is_handed_in_graded_and_told_of(ada: Client, address: str, database_url: str) -> None:
    ada.put(f"/languages/{PYTHON}/enrollment")
    key = str(uuid4())
    good = "print(sum(each in 'aeiou' for each in input().lower()))"
    made = ada.post(f"/assignments/{ASSIGNMENT}/submissions", {"code": good, "id": key})
    assert (made.status_code, made.json()["attempt_number"]) == (201, 1)
    assert ada.post(f"/assignments/{ASSIGNMENT}/submissions", {"code": good, "id": key}).json() == made.json()
    bad = ada.post(f"/assignments/{ASSIGNMENT}/submissions", {"code": "print('?')"}).json()
    grade(database_url)
    assert ada.get(f"/submissions/{key}").json()["status"] == "PASSED"
    assert ada.get(f"/submissions/{bad['id']}").json()["status"] == "FAILED"
    messages = ada.get("/me/notifications").json()
    assert len(messages) == 2
    assert ada.get("/me/notifications/unread").json() == {"unread": 2}
    assert ada.put(f"/me/notifications/{messages[0]['id']}/read").status_code == 200
    assert ada.get("/me/notifications/unread").json() == {"unread": 1}
    stranger = Client(address)
    stranger.register()
    assert stranger.get(f"/submissions/{key}").status_code == 404
    assert stranger.put(f"/me/notifications/{messages[0]['id']}/read").status_code == 404
    nothing = ada.post(f"/assignments/{uuid4()}/submissions", {"code": good})
    assert (nothing.status_code, nothing.json()["detail"]["code"]) == (409, "not-accepted")


def test_a_quiz_is_taken_and_looked_back_at(ada: Client, address: str) -> None:
    ada.put(f"/languages/{PYTHON}/enrollment")
    attempt = ada.post(f"/quizzes/{QUIZ}/attempts").json()["id"]
    second = ada.post(f"/quizzes/{QUIZ}/attempts")
    assert (second.status_code, second.json()["detail"]["code"]) == (409, "not-started")
    assert "is_correct" not in ada.get(f"/attempts/{attempt}").text
    assert ada.get(f"/attempts/{attempt}/review").status_code == 404
    for question in QUESTIONS:
        path = f"/attempts/{attempt}/answers/{question}"
        assert ada.put(path, {"option_id": str(RIGHT[question])}).status_code == 200
    foreign = {"option_id": str(OPTIONS[QUESTIONS[1]][0])}
    outside = ada.put(f"/attempts/{attempt}/answers/{QUESTIONS[0]}", foreign)
    assert (outside.status_code, outside.json()["detail"]["code"]) == (409, "not-answered")
    stranger = Client(address)
    stranger.register()
    assert stranger.post(f"/attempts/{attempt}/finish").status_code == 409
    result = ada.post(f"/attempts/{attempt}/finish").json()
    assert result["passed"] is True
    assert ada.post(f"/attempts/{attempt}/finish").json()["detail"]["code"] == "finished"
    assert ada.get(f"/attempts/{attempt}/review").status_code == 200
    assert ada.get("/me/feed").json() == []


def test_fifty_learners_at_once_get_no_error(address: str) -> None:
    words = [sys.executable, "-m", "examples.learning_api.load", address, "--clients", "50", "--rounds", "1"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "clients in" in done.stdout
    assert done.stdout.rstrip().endswith(": 0 errors")
    print(done.stdout)  # noqa: T201  # the table, for who asks with -s
