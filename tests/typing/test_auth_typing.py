"""A program that uses the generated queries of auth is typed strictly, and its mistakes are each seen."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("auth_program.py")
HEAD = """\
from uuid import UUID
from codezest_sql import AsyncDatabase, Database
from codezest_sql.platform.queries.auth import users


def text(value: str) -> str:
    return value


"""
# What the mistake is, and the line that makes it.
MISTAKES = {
    "an argument is forgotten": "db.run(users.rename_user(id=id))",
    "an argument has another name": "db.run(users.get_user(user_id=id))",
    "an argument has another type": "db.run(users.get_user(id=str(id)))",
    "a value that is never NULL is None": "db.run(users.list_users(limit=9, search=None))",
    "a label is no member of its enum": "db.run(users.change_role(id=id, role='STUDENT'))",
    "an order is not one of the query's": "db.run(users.list_users(limit=9, order='oldest'))",
    "a row may be None": "text(db.run(users.find_user_by_email(email='a@example.com')).name)",
    "a nested row may be None": "text(db.run(users.get_account(id=id)).profile.timezone)",
    "a column may be NULL": "text(db.run(users.list_users(limit=9))[0].email_verified_at.isoformat())",
    "a column is not selected": "text(db.run(users.get_user(id=id)).password_hash)",
    "a column has another type": "text(db.run(users.get_user(id=id)).id)",
    "a list is taken for a row": "text(db.run(users.get_users(ids=[id])).name)",
    "a number of rows is taken for a row": "text(db.run(users.erase_user(id=id)).name)",
    "a row to copy is too short": "db.copy(users.import_users([(id, 'a@example.com')]))",
    "a result of a batch is another one's": "text(db.batch(users.count_users_by_role(), users.get_user(id=id))[0])",
    "only lists are streamed": "list(db.stream(users.get_user(id=id)))",
    "an awaitable is taken for its row": "text(adb.run(users.get_user(id=id)).name)",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the program, and one function for each mistake, away from this repository and its settings."""
    made = tmp_path_factory.mktemp("typing")
    (made / "auth_program.py").write_bytes(PROGRAM.read_bytes())
    functions = [
        f"def mistake_{number}(db: Database, adb: AsyncDatabase, id: UUID) -> None:\n    {line}\n"
        for number, line in enumerate(MISTAKES.values())
    ]
    (made / "mistakes.py").write_text(HEAD + "\n\n".join(functions), "utf-8")
    return made


def told_by_mypy(folder: Path) -> str:
    options = ["--strict", "--config-file", "", "--python-version", "3.11", "--cache-dir", str(folder / "cache")]
    return told(folder, "mypy", *options, "auth_program.py", "mistakes.py")


def told_by_pyright(folder: Path) -> str:
    # Beside the mistakes strict mode would tell that types of what follows them are unknown.
    settings = {"include": ["."], "strict": ["auth_program.py"], "pythonVersion": "3.11"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    return told(folder, "pyright", "--project", str(folder), "--pythonpath", sys.executable)


def told(folder: Path, *command: str) -> str:
    done = subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("checker", [told_by_mypy, told_by_pyright])
def test_the_program_is_typed_and_each_mistake_is_seen(folder: Path, checker: object) -> None:
    assert callable(checker)
    output = checker(folder)
    lines = (folder / "mistakes.py").read_text("utf-8").splitlines()
    found = {int(line) for line in re.findall(r"mistakes\.py:(\d+)(?::\d+)?(?: -|:) error", output)}
    missed = [mistake for mistake, line in MISTAKES.items() if lines.index(f"    {line}") + 1 not in found]
    assert missed == [], output
    assert len(found) == len(MISTAKES), output
    assert not re.search(r"auth_program\.py.* error", output), output
