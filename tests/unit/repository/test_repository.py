"""The repository works anywhere: no path of one machine, no package registry by its host, CI for all it supports."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tests.conftest import WANTED_MAJORS
from tests.paths import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

# Put together here, so that this file names none of them.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("quay", "io"),
        ("gcr", "io"),
        ("mcr", "microsoft", "com"),
        ("apt", "postgresql", "org"),
        ("deb", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("rubygems", "org"),
        ("anaconda", "org"),
    )
)
REGISTRY = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, REGISTRIES))})(?![\w-])", re.IGNORECASE)
# Folders in which people and machines keep their work; /tmp, /usr and /dev/shm mean the same everywhere.
FOLDERS = ("work", "home", "root", "Users", "workspace", "mnt", "srv")
MACHINE_PATH = re.compile(rf"(?<![\w.~…}})\]*-])/({'|'.join(FOLDERS)})/\w")


def files() -> list[Path]:
    """Return the text files of the repository, those that git does not know yet included."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is not a clone: git lists no files")
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()]


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """Return where in the repository a pattern occurs."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files()
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_file_names_the_host_of_a_package_registry() -> None:
    """Which one is used is for whoever installs to decide."""
    assert lines_with(REGISTRY) == []


@pytest.mark.parametrize("text", ["https://{}/simple", "files.{}", "{}/library/postgres:18", "index: {}"])
@pytest.mark.parametrize("host", REGISTRIES)
def test_the_host_of_a_package_registry_is_found(text: str, host: str) -> None:
    """So that the test above can fail."""
    assert REGISTRY.search(text.replace("{}", host))


def test_no_file_names_a_path_of_one_machine() -> None:
    assert lines_with(MACHINE_PATH) == []


@pytest.mark.parametrize("text", ["see /{}/main/x", '"/{}/ada"', "(/{}/ada)", "cd /{}/a", "file:///{}/a"])
@pytest.mark.parametrize("folder", FOLDERS)
def test_a_path_of_one_machine_is_found(text: str, folder: str) -> None:
    """So that the test above can fail."""
    assert MACHINE_PATH.search(text.replace("{}", folder))


@pytest.mark.parametrize("text", ["tests/{}/a", "~/{}/a", "…/{}/a", "$HOME/x/{}/a", "{root}/{}/a", "*/{}/a"])
def test_a_path_inside_another_folder_is_none(text: str) -> None:
    assert not MACHINE_PATH.search(text.replace("{}", "work"))


def load(path: Path) -> dict[Any, Any]:
    """Return a YAML file; YAML 1.1 reads the key ``on`` as true."""
    loaded: dict[Any, Any] = yaml.safe_load(path.read_text("utf-8"))
    return loaded


def test_ci_runs_every_python_that_is_announced_on_every_postgresql_that_is_supported() -> None:
    announced = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    matrix = load(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]["test"]["strategy"]["matrix"]
    assert matrix["python"] == announced
    assert announced[0] == PROJECT["requires-python"].removeprefix(">=")
    assert sorted(matrix["postgres"]) == sorted(str(major) for major in WANTED_MAJORS)


# What a job may do beyond reading: sign in at the index, create a release, comment, publish the site.
MORE = {
    ("release.yml", "publish"): {"id-token": "write"},
    ("release.yml", "announce"): {"contents": "write"},
    ("ci.yml", "review"): {"contents": "read", "pull-requests": "write"},
    ("site.yml", "publish"): {"pages": "write", "id-token": "write"},
}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_read_only_ends_in_time_and_uses_pinned_actions(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert job["timeout-minutes"] <= 60, name
        assert job.get("permissions") == MORE.get((path.name, name)), name
        for step in job["steps"]:
            if "uses" in step:
                # GitHub's own by their major version; those of others by a commit, which no session can move.
                assert re.fullmatch(r"\./|actions/[a-z-]+@v\d+|[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"]), step
            # What a matrix or an event holds reaches a shell through the environment only.
            assert "${{" not in step.get("run", ""), step


def test_a_newer_commit_ends_a_run_of_ci_and_nothing_ends_a_release() -> None:
    stopped = {path.name: load(path)["concurrency"]["cancel-in-progress"] for path in WORKFLOWS}
    assert stopped == {"ci.yml": True, "release.yml": False, "site.yml": True}


def test_a_release_is_published_by_one_job_after_all_checks_and_without_a_secret() -> None:
    """Trusted publishing: the index knows this repository, this file and this environment."""
    path = ROOT / ".github" / "workflows" / "release.yml"
    workflow = load(path)
    assert workflow[True] == {"push": {"tags": ["v*"]}}
    assert "secrets." not in path.read_text("utf-8")
    jobs = workflow["jobs"]
    publish = jobs["publish"]
    assert publish["environment"] == "release"
    assert [name for name, job in jobs.items() if "id-token" in job.get("permissions", {})] == ["publish"]
    # The job that can publish runs nothing of the repository: it takes what was built, and hands it on.
    assert ["run" in step for step in publish["steps"]] == [False, False]
    assert not any("checkout" in step["uses"] for step in publish["steps"])
    before = {"publish"}
    while more := {name for job in before for name in needs(jobs[job])} - before:
        before |= more
    assert before == {"check", "build", "install", "publish"}
    assert needs(jobs["announce"]) == ["publish"]


def needs(job: dict[str, Any]) -> list[str]:
    """Return which jobs must have passed before."""
    wanted = job.get("needs", [])
    return [wanted] if isinstance(wanted, str) else list(wanted)


def test_the_recipes_that_ci_runs_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for path in WORKFLOWS:
        for recipe in re.findall(r"- run: make ([a-z-]+)$", path.read_text("utf-8"), re.MULTILINE):
            assert re.search(rf"^{recipe}:", makefile, re.MULTILINE), recipe


@pytest.mark.parametrize(
    ("command", "name"),
    [("validate-config", ".pre-commit-config.yaml"), ("validate-manifest", ".pre-commit-hooks.yaml")],
)
def test_pre_commit_understands_its_files(command: str, name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", command, ROOT / name], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_hook_of_the_project_runs_a_tool_of_its_environment() -> None:
    """A tool that ``make setup`` installs, by the name under which it does."""
    hooks = [hook for repo in load(ROOT / ".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]]
    local = [hook for hook in hooks if "entry" in hook]
    assert {"ruff", "ruff-format", "sql-lint", "lint-imports", "migrate-test"} <= {h["id"] for h in local}
    for hook in local:
        folder, _, program = hook["entry"].split()[0].rpartition("/")
        assert folder == ".venv/bin"
        assert (Path(sys.executable).parent / program).exists(), program


def test_the_constraints_are_exact_and_name_no_place() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)] == []
    assert [line.lower() for line in pins] == sorted(
        (line.lower() for line in pins), key=lambda pin: pin.split("==")[0]
    )


# An ordinary wait in seconds: `timeout=60`, `began < 5`. Fractions of a second are limits that are meant to end.
_LIMIT = re.compile(r"[( ]timeout=[1-9]\d*[,)\n]|(?:monotonic|perf_counter)\(\)[^<\n]*<=? *[\d.]+\s")


def test_no_test_fails_because_the_machine_is_slow() -> None:
    """Waits end by progress; what only ends a hanging run is PATIENCE (tests/patience.py)."""
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8").splitlines(keepends=True), start=1)
        if _LIMIT.search(line)
    ]
    assert found == []
