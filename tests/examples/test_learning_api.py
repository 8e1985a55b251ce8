"""A learner's way through the example service, over HTTP: what works, and what is refused with a code."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from tests.patience import PATIENCE

pytest.importorskip("fastapi", reason="the example's packages are not installed: pip install codezest-sql[examples]")
pytest.importorskip("uvicorn", reason="the example's packages are not installed: pip install codezest-sql[examples]")

from codezest_sql import Database
from codezest_sql.platform.queries.learning import submissions
from tests.conftest import create_database, drop_database
from tests.examples.service import ROOT, Client, serving
from tests.postgres.platform.course import ASSIGNMENT, MODULE, OPTIONS, PYTHON, QUESTIONS, QUIZ, RIGHT, SEEDS
from tests.projects import execute, rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
        refused = other.get("/me")
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert rows(database_url, count) == before


@pytest.mark.parametrize(
    "stored",
    ["scrypt$junk", "scrypt$16384$8$1$0$00", "scrypt$3$8$1$00$00", "scrypt$999999999$8$1$00$00", "$2b$12$x", ""],
)
def test_a_stored_hash_that_is_none_lets_nobody_in(ada: Client, database_url: str, stored: str) -> None:
    execute(database_url, f"UPDATE auth.users SET password_hash = '{stored}' WHERE email = '{ada.email}'")
    refused = ada.post("/login", {"email": ada.email, "password": "long enough"})
    assert (refused.status_code, refused.json()["detail"]["code"]) == (401, "wrong-credentials")


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
        cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, check=True, capture_output=True, timeout=PATIENCE,
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
    assert sorted(each["action"] for each in ada.get("/me/feed").json()) == [
        *("language.enrolled", "submission.failed", "submission.made", "submission.made", "submission.passed"),
    ]
    assert len(ada.get("/me/feed", action="submission.passed").json()) == 1
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
    assert [each["action"] for each in ada.get("/me/feed").json()] == ["quiz.finished", "language.enrolled"]


WRONG = [
    ("POST", "/register", b'{"email": "a@example.org", "name": "a\\u0000b", "password": "long enough"}'),
    ("POST", "/register", b'{"email": "a@example.org", "name": "\\ud800", "password": "long enough"}'),
    ("POST", "/register", b'{"email": "a@example.org", "name": "a", "password": "secret"}'),
    ("POST", "/register", b'{"email": NaN, "name": "a", "password": "long enough"}'),
    (
        "POST",
        "/register",
        '{{"email": "{}@e.org", "name": "a", "password": "long enough"}}'.format("İ" * 240).encode(),
    ),
    ("POST", "/register", b"[]"),
    ("POST", "/register", b"{"),
    ("POST", "/login", b'{"email": "a@example.org", "password": "secret\\ud800"}'),
    ("PUT", f"/materials/{MATERIAL}/progress", b'{"percent": 5, "position_seconds": 2147483648}'),
    ("PUT", f"/materials/{MATERIAL}/progress", b'{"percent": 101}'),
    ("POST", f"/assignments/{ASSIGNMENT}/submissions", b'{"code": "print(1)\\u0000"}'),
    ("POST", "/assignments/1/submissions", b'{"code": "print(1)"}'),
    ("GET", "/me/dashboard?timezone=Nowhere/No", b""),
    ("GET", "/me/dashboard?timezone=%00", b""),
    ("GET", f"/me/notifications?before=2026-01-01T00:00:00&before_id={MATERIAL}", b""),
    ("GET", "/me/notifications?limit=0", b""),
    ("GET", "/me/feed?action=%00", b""),
]


@pytest.mark.parametrize(("method", "path", "body"), WRONG)
def test_what_no_request_may_hold_is_an_answer_that_repeats_nothing(
    ada: Client, method: str, path: str, body: bytes
) -> None:
    answer = ada.send_bytes(method, path, body)
    assert (answer.status_code, answer.json()["detail"]["code"]) == (422, "invalid"), answer.text
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/nowhere", 404, "not-found"), ("DELETE", "/me", 405, "method-not-allowed")],
)
def test_what_the_framework_refuses_has_a_code_too(
    ada: Client, method: str, path: str, status: int, code: str
) -> None:
    answer = ada.send_bytes(method, path, b"")
    assert (answer.status_code, answer.json()["detail"]["code"]) == (status, code)


def test_a_time_zone_is_looked_at_however_often_it_is_asked(ada: Client) -> None:
    """The server plans a statement again for its first five calls only."""
    for _ in range(12):
        assert ada.get("/me/dashboard", timezone="Nowhere/No").status_code == 422
    assert ada.get("/me/dashboard", timezone="Asia/Kathmandu").status_code == 200


HOSTILE = {
    "bytes that are no text": "import sys; sys.stdout.buffer.write(bytes(range(256)))",
    "a NUL character": "print(chr(0))",
    "no end": "while True: pass",
    "no end of output": "while True: print('x' * 1000)",
    "a child that keeps its output": (
        "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
    ),
    "its own end": "import os; os.abort()",
    "more than an argument can hold": "#" + "é" * 90_000,
    "its group": "import os, signal; os.killpg(0, signal.SIGKILL)",
}


def test_no_code_stops_the_grader(ada: Client, database_url: str) -> None:
    """Each ends as FAILED within its limits, and the next learner is served."""
    execute(database_url, f"UPDATE learning.assignments SET time_limit_ms = 700 WHERE id = '{ASSIGNMENT}'")
    ids = {}
    for name, code in HOSTILE.items():
        made = ada.post(f"/assignments/{ASSIGNMENT}/submissions", {"code": code})
        assert made.status_code == 201, made.text
        ids[name] = made.json()["id"]
    grade(database_url)
    execute(database_url, f"UPDATE learning.assignments SET time_limit_ms = 5000 WHERE id = '{ASSIGNMENT}'")
    graded = {name: ada.get(f"/submissions/{key}").json() for name, key in ids.items()}
    assert {name: each["status"] for name, each in graded.items()} == dict.fromkeys(HOSTILE, "FAILED")
    assert "it took too long" in {each["message"] for each in graded["no end"]["test_results"]}
    assert all(len(each["output"] or "") <= 64 * 1024 for each in graded["no end of output"]["test_results"])


def test_a_submission_that_cannot_be_read_keeps_no_other_waiting(ada: Client, database_url: str) -> None:
    """A service that is a release ahead, say, wrote test cases that this grader does not know."""
    broken = uuid4()
    columns = "module_id, title, description, difficulty, max_score, time_limit_ms"
    execute(
        database_url,
        f"INSERT INTO learning.assignments (id, {columns}, test_cases)"
        f" SELECT '{broken}', {columns}, '[{{\"name\": \"x\"}}]' FROM learning.assignments WHERE id = '{ASSIGNMENT}'",
    )
    first = ada.post(f"/assignments/{broken}/submissions", {"code": "print(1)"}).json()
    second = ada.post(f"/assignments/{ASSIGNMENT}/submissions", {"code": "print('?')"}).json()
    grade(database_url)
    assert ada.get(f"/submissions/{second['id']}").json()["status"] == "FAILED"
    state = f"SELECT status::text FROM learning.assignment_submissions WHERE id = '{first['id']}'"
    assert rows(database_url, state) == [("RUNNING",)]  # until its claim runs out
    execute(
        database_url,
        f"DELETE FROM learning.assignment_submissions WHERE assignment_id = '{broken}';"
        f"DELETE FROM learning.assignments WHERE id = '{broken}'",
    )


def test_who_is_graded_again_is_told_again(ada: Client, database_url: str) -> None:
    made = ada.post(f"/assignments/{ASSIGNMENT}/submissions", {"code": "print('?')"}).json()
    grade(database_url)
    # They were wrong, and are mended: as long as this test is, into none.
    execute(
        database_url,
        "CREATE TABLE public.kept AS SELECT id, test_cases FROM learning.assignments;"
        f"UPDATE learning.assignments SET test_cases = '[]' WHERE id = '{ASSIGNMENT}'",
    )
    with Database.connect(database_url) as db:
        assert db.run(submissions.grade_again(user_id=UUID(ada.get("/me").json()["id"]), id=UUID(made["id"]))) == 1
    grade(database_url)
    execute(
        database_url,
        "UPDATE learning.assignments AS a SET test_cases = k.test_cases FROM public.kept AS k WHERE a.id = k.id;"
        "DROP TABLE public.kept",
    )
    told = [each["title"].rpartition(": ")[2] for each in ada.get("/me/notifications").json()]
    assert told == ["passed", "failed"]


def test_code_sees_nothing_of_the_graders_environment(ada: Client, database_url: str) -> None:
    code = "import os; print(sorted(os.environ)); print('é')"
    made = ada.post(f"/assignments/{ASSIGNMENT}/submissions", {"code": code}).json()
    grade(database_url)
    outputs = [each["output"] for each in ada.get(f"/submissions/{made['id']}").json()["test_results"]]
    shown = [each for each in outputs if each is not None]
    assert shown
    assert all("DATABASE_URL" not in each and "PATH" in each and "é" in each for each in shown)


def test_a_submission_of_a_grader_that_was_killed_is_graded_by_another(
    ada: Client, database_url: str, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    code = f"import pathlib, time; pathlib.Path({str(started)!r}).touch(); time.sleep(3600)"
    execute(database_url, f"UPDATE learning.assignments SET time_limit_ms = 60000 WHERE id = '{ASSIGNMENT}'")
    made = ada.post(f"/assignments/{ASSIGNMENT}/submissions", {"code": code}).json()
    words = [sys.executable, "-m", "examples.grader.worker", "--once"]
    with subprocess.Popen(words, cwd=ROOT, env={**os.environ, "DATABASE_URL": database_url}) as grader:
        deadline = time.monotonic() + PATIENCE
        while not started.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        grader.kill()
    assert ada.get(f"/submissions/{made['id']}").json()["status"] == "RUNNING"
    # The lease ends, as it would in a minute, and the code with it.
    execute(
        database_url,
        "UPDATE learning.assignment_submissions SET claim_expires_at = now(), code = '' WHERE status = 'RUNNING'",
    )
    grade(database_url)
    assert ada.get(f"/submissions/{made['id']}").json()["status"] == "FAILED"
    assert ada.get("/me/notifications/unread").json() == {"unread": 1}


def test_without_a_database_the_service_says_so_and_comes_back(
    servers: Servers, server: Server, postgres_version: int, tmp_path: Path
) -> None:
    name = f"example_away_{os.getpid()}"
    create_database(server, name, servers.template(postgres_version))
    log = tmp_path / "log"
    try:
        with serving(server.url(name), log) as address:
            ada = Client(address)
            ada.register()
            execute(server.url("postgres"), f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            execute(
                server.url("postgres"),
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
            )
            away = ada.get("/me")
            assert (away.status_code, away.json()["detail"]["code"]) == (503, "database-away")
            assert ada.get("/health").status_code == 200
            execute(server.url("postgres"), f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            assert ada.get("/me").status_code == 200
    finally:
        drop_database(server, name)
    assert "the database cannot be reached" in log.read_text("utf-8")
    assert "Traceback" not in log.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["http://127.0.0.1:9", "--clients", "2"], 1, "register: ConnectError"),
        (["nonsense"], 1, "register: UnsupportedProtocol"),
        (["http://127.0.0.1:9", "--rounds", "0"], 2, "at least 1"),
        (["http://127.0.0.1:9", "--clients", "x"], 2, "invalid"),
    ],
)
def test_a_load_run_that_cannot_be_says_why(words: list[str], status: int, said: str) -> None:
    command = [sys.executable, "-m", "examples.learning_api.load", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == status
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_fifty_learners_at_once_get_no_error(address: str) -> None:
    words = [sys.executable, "-m", "examples.learning_api.load", address, "--clients", "50", "--rounds", "1"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "clients in" in done.stdout
    assert done.stdout.rstrip().endswith(": 0 errors")
    print(done.stdout)  # noqa: T201  # the table, for who asks with -s
