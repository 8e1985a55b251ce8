"""What a project is, where it is looked for, and what is wrong with its settings file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from codezest_sql.actions.project.find import find_project
from codezest_sql.actions.project.settings import find_root, load_settings
from codezest_sql.errors import CodezestError, ExitCode, NoProjectError, ProjectErrors, UsageError
from codezest_sql.platform.packaged_schema import packaged_schema, sql_folder
from tests.projects import Outcome, run_in

TABLE = "[tool.codezest-sql]\n"


def write(folder: Path, **files: str | bytes) -> Path:
    """Write ``pyproject`` and ``own`` (codezest-sql.toml) into a folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {"pyproject": "pyproject.toml", "own": "codezest-sql.toml"}
    for key, content in files.items():
        (folder / names[key]).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def root_of(folder: Path) -> Path | None:
    project = find_project(folder)
    return None if project is None else project.root


def refused(folder: Path) -> str:
    """Return what a command says in a folder whose settings cannot be used."""
    outcome: Outcome = run_in(folder, "migrate", "plan")
    assert outcome.code == ExitCode.PROJECT, outcome.err
    assert "[bug]" not in outcome.err
    return outcome.err


# --- which folder it is ------------------------------------------------------------------------------------------


def test_a_table_in_pyproject_toml_or_a_codezest_sql_toml_makes_a_project(tmp_path: Path) -> None:
    assert root_of(write(tmp_path / "a", pyproject=TABLE)) == tmp_path / "a"
    assert root_of(write(tmp_path / "b", own="")) == tmp_path / "b"
    assert root_of(write(tmp_path / "c", own='order = "name"\n', pyproject="[project]\nname = 'codezest-sql'\n"))


def test_the_defaults_are_folders_of_the_project(tmp_path: Path) -> None:
    for files in ({"pyproject": TABLE}, {"own": ""}, {"own": 'migrations = "db"\n'}):
        settings = load_settings(start=write(tmp_path / str(len(str(files))), **files))
        root = Path(settings.root)
        named = root / ("db" if "db" in str(files) else "sql/migrations")
        assert (settings.migrations, settings.queries) == (str(named), str(root / "sql/queries"))
        assert (settings.seeds, settings.managed_partitions) == (str(root / "sql/seeds"), ())


def test_the_same_keys_are_in_both_files(tmp_path: Path) -> None:
    lines = 'queries = "q"\nlock_timeout = "3s"\n'
    one = load_settings(
        start=write(tmp_path / "one", pyproject=f"{TABLE}{lines}[tool.codezest-sql.lint]\nrename='off'")
    )
    two = load_settings(start=write(tmp_path / "two", own=f"{lines}[lint]\nrename = 'off'\n"))
    assert (one.lock_timeout, one.lint) == (two.lock_timeout, two.lint) == (3.0, (("rename", "off"),))


@pytest.mark.parametrize("git", ["folder", "file"])
def test_the_search_ends_at_the_root_of_the_repository(tmp_path: Path, git: str) -> None:
    """The settings of what a checkout lies in by chance are not the checkout's."""
    write(tmp_path, own="")
    repository = tmp_path / "repository"
    inner = repository / "src" / "app"
    inner.mkdir(parents=True)
    assert root_of(inner) == tmp_path
    (repository / ".git").mkdir() if git == "folder" else (repository / ".git").write_text("gitdir: elsewhere\n")
    assert root_of(inner) is None
    assert find_root(inner) == inner
    write(repository, pyproject=TABLE)
    assert root_of(inner) == repository


def test_the_nearest_project_counts_and_others_files_are_no_border(tmp_path: Path) -> None:
    write(tmp_path, pyproject=TABLE)
    member = write(tmp_path / "packages" / "shop", pyproject="[project]\nname = 'shop'\n")
    assert root_of(member) == tmp_path
    broken = write(tmp_path / "packages" / "broken", pyproject="[project\n")
    assert root_of(broken) == tmp_path
    assert root_of(write(member / "db", own="")) == member / "db"


def test_a_linked_folder_belongs_to_where_it_really_is(tmp_path: Path) -> None:
    real = write(tmp_path / "one", own="") / "app"
    real.mkdir()
    other = write(tmp_path / "two", own="")
    (other / "linked").symlink_to(real)
    assert root_of(other / "linked") == tmp_path / "one"


def test_a_linked_settings_file_is_one(tmp_path: Path) -> None:
    """As Kubernetes mounts them."""
    write(tmp_path / "data", own='migrations = "m"\n')
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "codezest-sql.toml").symlink_to(tmp_path / "data" / "codezest-sql.toml")
    assert load_settings(start=folder).migrations == str(folder / "m")


def test_a_bare_folder_sql_is_no_project(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "sql" / "migrations").mkdir(parents=True)
    with pytest.raises(NoProjectError) as caught:
        load_settings(start=tmp_path)
    error = caught.value
    assert (error.code, error.exit_code) == ("no-project", ExitCode.PROJECT)
    assert "a folder sql alone is no project" in error.message
    assert error.hint is not None
    assert "codezest-sql init" in error.hint
    assert "--bundled" in error.hint
    assert load_settings(start=tmp_path, needs_project=False).file == ""


# --- the packaged schema -----------------------------------------------------------------------------------------


def test_the_packaged_schema_is_used_only_where_it_is_named(tmp_path: Path) -> None:
    """In a project too: then its own settings are left alone, a mistake in their values included."""
    write(tmp_path, own='migrations = "m"\nlock_timeout = "soon"\n')
    settings = load_settings(start=tmp_path, packaged=packaged_schema())
    assert settings.migrations == str(sql_folder() / "migrations")
    assert settings.queries == str(sql_folder() / "queries")
    assert settings.bundled
    assert (settings.root, settings.file) == (str(tmp_path), str(tmp_path / "codezest-sql.toml"))
    with pytest.raises(UsageError, match="--bundled and --migrations exclude each other"):
        load_settings(start=tmp_path, packaged=packaged_schema(), migrations=tmp_path)
    with pytest.raises(UsageError, match="--bundled and --queries exclude each other"):
        load_settings(start=tmp_path, packaged=packaged_schema(), queries=tmp_path)


@pytest.mark.parametrize("command", ["new x", "hash", "test", "redo", "repair", "baseline 1", "dump"])
def test_commands_that_would_write_do_not_take_the_packaged_schema(tmp_path: Path, command: str) -> None:
    for words in (["--bundled", *command.split()], [*command.split(), "--bundled"]):
        outcome = run_in(tmp_path, "migrate", *words)
        assert outcome.code == ExitCode.USAGE, words
        assert "--bundled" in outcome.err


# --- settings that cannot be used --------------------------------------------------------------------------------


def test_settings_in_two_files_of_a_folder_are_refused(tmp_path: Path) -> None:
    said = refused(write(tmp_path, pyproject=TABLE, own=""))
    assert "codezest-sql.toml: error: the settings are in two files" in said
    assert "[tool.codezest-sql] of pyproject.toml" in said
    assert "hint: keep one of them" in said


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ('\nmigration = "x"\n', "codezest-sql.toml:2:1: error: unknown setting 'migration'"),
        ("order = 3\n", "codezest-sql.toml:1:1: error: order: expected auto, name or number, not 3"),
        (
            "order = 'name'\n\n[policies]\nx = 'off'\n",
            "codezest-sql.toml:3:1: error: policies: there is no policy 'x'",
        ),
        ("policies.x = 'off'\n", "codezest-sql.toml:1:1: error: policies: there is no policy 'x'"),
        (
            "[lint]\norder = 1\n[order]\n",
            "codezest-sql.toml:3:1: error: order: expected auto, name or number, not {}",
        ),
        (TABLE, "codezest-sql.toml:1:1: error: unknown setting 'tool'"),
        (TABLE, "hint: this file holds the settings at its top level: leave out [tool.codezest-sql]"),
        ("order = \n", "codezest-sql.toml:1:9: error: is not valid TOML: Invalid value"),
        ("a = 1\na = 2\n", "codezest-sql.toml:2:6: error: is not valid TOML: "),
        ("order = '''x\n", "codezest-sql.toml:1:13: error: is not valid TOML: "),
        (b"# \xff\n", "codezest-sql.toml:1:3: error: byte 0xff is not valid UTF-8"),
        ("order = 'name'".encode("utf-16"), "codezest-sql.toml:1:1: error: the file is UTF-16"),
    ],
)
def test_a_mistake_in_codezest_sql_toml_is_told_with_its_line(tmp_path: Path, own: str | bytes, told: str) -> None:
    assert told in refused(write(tmp_path, own=own))


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 20_000, "2026-02-30"])
def test_a_value_that_python_cannot_hold_is_a_mistake_in_the_file(tmp_path: Path, value: str) -> None:
    for name, files in (("a", {"own": f"order = {value}\n"}), ("b", {"pyproject": f"{TABLE}order = {value}\n"})):
        assert "error: is not valid TOML: " in refused(write(tmp_path / name, **files))


def test_a_pyproject_toml_in_utf_16_is_not_passed_over(tmp_path: Path) -> None:
    folder = write(tmp_path, pyproject=TABLE.encode("utf-16"))
    assert "pyproject.toml:1:1: error: the file is UTF-16" in refused(folder)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    for files in ({"own": "\ufefforder = 'name'\r\n"}, {"pyproject": f"\ufeff{TABLE}order = 'name'\r\n"}):
        assert load_settings(start=write(tmp_path / next(iter(files)), **files)).order == "name"


@pytest.mark.parametrize("name", ["codezest-sql.toml", "pyproject.toml"])
def test_a_settings_file_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    """A folder above could have settings that would take the place of what was meant here."""
    write(tmp_path, own="")
    inner = tmp_path / "inner"
    inner.mkdir()
    file = inner / name
    file.symlink_to("nowhere")
    assert f"{name}: error: is a link that leads nowhere [unreadable-file]" in refused(inner)
    file.unlink()
    file.mkdir()
    assert f"{name}: error: is not a file [unreadable-file]" in refused(inner)
    file.rmdir()
    os.mkfifo(file)
    assert f"{name}: error: is not a file [unreadable-file]" in refused(inner)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
@pytest.mark.parametrize("name", ["codezest-sql.toml", "pyproject.toml"])
def test_a_settings_file_without_read_permission_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, own="", pyproject=TABLE)
    (tmp_path / ({"codezest-sql.toml", "pyproject.toml"} - {name}).pop()).unlink()
    (tmp_path / name).chmod(0)
    assert f"{name}: error: cannot be read: Permission denied [unreadable-file]" in refused(tmp_path)


def test_a_mistake_far_below_our_table_is_told_in_pyproject_toml_too(tmp_path: Path) -> None:
    folder = write(tmp_path, pyproject=f"{TABLE}\n[tool.other]\nx = [\n")
    with pytest.raises(CodezestError) as caught:
        load_settings(start=folder)
    assert caught.value.place is not None
    assert caught.value.place.line == 4
    with pytest.raises(ProjectErrors):
        load_settings(start=write(tmp_path, pyproject=f"{TABLE}nope = 1\n"))


@pytest.mark.parametrize("option", ["--migrations", "--queries"])
def test_an_empty_path_is_refused(tmp_path: Path, option: str) -> None:
    """An unset variable of a shell would else name the working folder."""
    outcome = run_in(write(tmp_path, own=""), "check", option, "")
    assert outcome.code == ExitCode.USAGE
    assert option in outcome.err
