"""``codezest-sql generate``: what it writes, refuses, compares and removes; that it writes all or nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.generated import CASES, make_project
from tests.patience import PATIENCE
from tests.projects import Outcome, Project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Server

SHARED = """
-- name: first :many
-- row: Key
SELECT id FROM auth.users;

-- name: second :many
-- row: Key
SELECT id, email FROM auth.users;
"""


@pytest.fixture
def shop(tmp_path: Path, server: Server) -> Project:
    """Make the project of the case ``shop``, whose queries are checked on the shared server."""
    root = tmp_path / "shop"
    make_project(CASES / "shop", root)
    with (root / "pyproject.toml").open("a") as file:
        file.write(f'shadow_url = "{server.url()}"\n')
    project = Project.__new__(Project)
    project.root, project.url, project.environment = root, None, {}
    return project


def generate(project: Project, *words: str) -> Outcome:
    return project.run("generate", *words)


def files(project: Project) -> dict[str, str]:
    root = project.root / "src" / "shop" / "db"
    return {
        path.relative_to(root).as_posix(): path.read_text("utf-8")
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix != ".pyc"
    }


def write_query(project: Project, name: str, text: str) -> None:
    (project.root / "sql" / "queries" / name).write_text(text, "utf-8")


def test_the_first_run_writes_and_the_second_finds_nothing_to_do(shop: Project) -> None:
    first = generate(shop)
    assert first.code == 0, first.err
    assert "wrote    src/shop/db/queries/shop/quizzes.py\n" in first.out
    before = files(shop)
    assert generate(shop).out == "up to date: 9 files of shop.db\n"
    assert files(shop) == before


def test_check_writes_nothing_and_tells_each_file_that_differs(shop: Project) -> None:
    missing = generate(shop, "--check")
    assert missing.code == 4
    assert "src/shop/db/models/auth.py: error: does not exist [generated-changed]" in missing.err
    assert not (shop.root / "src").exists()
    generate(shop)
    assert generate(shop, "--check").code == 0
    path = shop.root / "src" / "shop" / "db" / "models" / "auth.py"
    path.write_text(path.read_text("utf-8").replace("    name: str | None", "    name: str"), "utf-8")
    (shop.root / "sql" / "queries" / "auth_users.sql").unlink()
    changed = generate(shop, "--check")
    assert changed.code == 4
    assert "-    name: str = Field(\n+    name: str | None = Field(\n" in changed.err
    assert "src/shop/db/queries/auth_users.py: error: is generated from a file or a schema that is not" in changed.err
    assert changed.err.count("hint: regenerate it: codezest-sql generate") == 2


def test_check_takes_a_checkout_with_other_line_ends(shop: Project) -> None:
    generate(shop)
    for path in (shop.root / "src").rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert generate(shop, "--check").code == 0


def test_a_file_that_is_not_wanted_any_more_is_removed_and_others_stay(shop: Project) -> None:
    generate(shop)
    folder = shop.root / "src" / "shop" / "db" / "queries"
    (folder / "own.py").write_text('"""Written by hand."""\n', "utf-8")
    for name in ("quizzes.sql", "json.sql"):
        (shop.root / "sql" / "queries" / "shop" / name).unlink()
    outcome = generate(shop, "--json")
    assert outcome.json == {
        "package": "shop.db",
        "written": [],
        "removed": [
            "src/shop/db/queries/shop/__init__.py",
            "src/shop/db/queries/shop/json.py",
            "src/shop/db/queries/shop/quizzes.py",
        ],
        "unchanged": 6,
    }
    assert sorted(path.name for path in folder.iterdir()) == ["__init__.py", "auth_users.py", "own.py"]


def test_a_file_that_was_not_generated_is_never_overwritten(shop: Project) -> None:
    path = shop.root / "src" / "shop" / "db" / "models" / "auth.py"
    path.parent.mkdir(parents=True)
    path.write_text('"""My own models."""\n', "utf-8")
    outcome = generate(shop)
    assert outcome.code == 7
    assert "src/shop/db/models/auth.py: error: is where generated code goes" in outcome.err
    assert files(shop) == {"models/auth.py": '"""My own models."""\n'}


def test_the_package_may_have_an_init_of_its_own(shop: Project) -> None:
    path = shop.root / "src" / "shop" / "db" / "__init__.py"
    path.parent.mkdir(parents=True)
    path.write_text("VERSION = 1\n", "utf-8")
    assert generate(shop).code == 0
    assert path.read_text("utf-8") == "VERSION = 1\n"


def test_nothing_is_written_when_one_query_has_a_mistake(shop: Project) -> None:
    generate(shop)
    before = files(shop)
    write_query(shop, "new.sql", "-- name: fine :many\nSELECT id FROM auth.users;\n")
    write_query(shop, "worse.sql", "-- name: broken :many\nSELECT nothing FROM auth.users;\n")
    outcome = generate(shop)
    assert outcome.code == 7
    assert "worse.sql:2:8: error:" in outcome.err
    assert files(shop) == before


def test_nothing_is_written_when_a_file_cannot_be(shop: Project) -> None:
    """All or nothing: what was written before is taken back."""
    folder = shop.root / "src" / "shop" / "db" / "queries"
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where a folder must be", "utf-8")
    outcome = generate(shop)
    assert outcome.code == 7
    assert "src/shop/db/queries" in outcome.err
    assert files(shop) == {"queries": "a file where a folder must be"}


def test_two_queries_that_name_one_row_and_differ_are_told_with_both_places(shop: Project) -> None:
    write_query(shop, "shared.sql", SHARED)
    outcome = generate(shop)
    assert outcome.code == 7
    assert "shared.sql:7:9: error: Key has other fields in 'first', at sql/queries/shared.sql:3:9" in outcome.err
    assert "it has no email there [row-name]" in outcome.err


def test_two_files_that_would_be_one_module_are_told(shop: Project) -> None:
    text = "-- name: fine :many\nSELECT id FROM auth.users;\n"
    write_query(shop, "a-b.sql", text)
    write_query(shop, "a b.sql", text)
    write_query(shop, "shop.sql", text)
    outcome = generate(shop)
    assert outcome.code == 7
    assert (
        "sql/queries/a-b.sql: error: it would be the module queries.a_b, and so would sql/queries/a b.sql"
        in outcome.err
    )
    assert "sql/queries/shop.sql: error: it would be the module queries.shop, which is the package of" in outcome.err


def test_a_project_that_names_no_package_is_told_how(shop: Project) -> None:
    path = shop.root / "pyproject.toml"
    path.write_text(path.read_text("utf-8").replace('output = "src/shop/db"\n', ""), "utf-8")
    outcome = generate(shop)
    assert outcome.code == 7
    assert 'hint: write output = "shop/db" there: the folder of a package' in outcome.err


@pytest.mark.parametrize("other", ["--check", "--json"])
def test_watching_has_no_result_to_compare_or_to_print(shop: Project, other: str) -> None:
    assert generate(shop, "--watch", other).code == 2


@pytest.fixture
def watching(shop: Project) -> Iterator[subprocess.Popen[str]]:
    """Watch in a process of its own, which a test interrupts."""
    command = [sys.executable, "-m", "codezest_sql", "generate", "--watch"]
    started = subprocess.Popen(
        command, cwd=shop.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    )
    yield started
    if started.poll() is None:
        started.kill()
    started.communicate()


def until_there(path: Path, process: subprocess.Popen[str]) -> None:
    """Wait for a file, for as long as the process runs."""
    began = time.monotonic()
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() - began < PATIENCE, f"{path} was not written"
        time.sleep(0.05)


def test_watching_follows_each_save_tells_mistakes_and_ends_quietly(
    shop: Project, watching: subprocess.Popen[str]
) -> None:
    queries = shop.root / "src" / "shop" / "db" / "queries"
    until_there(queries / "shop" / "quizzes.py", watching)
    write_query(shop, "bad.sql", "-- name: broken :many\nSELECT nothing FROM auth.users;\n")
    assert watching.stderr
    line = watching.stderr.readline()
    assert "bad.sql:2:8: error:" in line
    write_query(shop, "bad.sql", "-- name: mended :many\nSELECT id FROM auth.users;\n")
    until_there(queries / "bad.py", watching)
    watching.send_signal(signal.SIGINT)
    _, err = watching.communicate(timeout=PATIENCE)
    assert watching.returncode == 0
    assert "Traceback" not in err
    assert "interrupted" not in err
