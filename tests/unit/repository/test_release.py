"""A release of a small project, made with git and built for real."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.paths import ROOT
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "pyproject.toml": """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "codezest-sql"
description = "A project to release."
readme = "CHANGELOG.md"
requires-python = ">=3.11"
dynamic = ["version"]

[tool.hatch.version]
path = "codezest_sql/__init__.py"
""",
    "codezest_sql/__init__.py": '"""A package."""\n\n__version__ = "0.9.0"\n',
    "CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n- New.\n\n## [0.9.0] - 2026-01-01\n\n- Old.\n",
    "sql/migrations/migrations.sum": (
        "# comment\ntotal sha256:ff\n"
        "0001_first.sql sha256:aa\n0001_first.rollback.sql sha256:ab\n0002_second.sql sha256:bb\n"
    ),
    ".gitignore": "dist/\n",
}


@dataclass(frozen=True, slots=True)
class Project:
    """A clone of which releases are made."""

    folder: Path

    def git(self, *words: str) -> str:
        """Run git, as somebody."""
        return subprocess.run(
            ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com", *words],
            cwd=self.folder,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def read(self, name: str) -> str:
        """Read a file."""
        return (self.folder / name).read_text("utf-8")

    def commit(self) -> None:
        """Commit everything."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Change")

    def release(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the tool as the Makefile does."""
        who = {
            f"GIT_{role}_{what}": "ada@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        return subprocess.run(
            [sys.executable, "-m", "tools.release", *words],
            cwd=self.folder,
            env={**os.environ, **who, "PYTHONPATH": str(ROOT), **variables},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def state(self) -> tuple[str, str, str, str]:
        """Return all that a refused release may not change."""
        return (
            self.git("rev-parse", "HEAD"),
            self.git("tag", "--list"),
            self.git("status", "--porcelain"),
            self.read("codezest_sql/__init__.py") + self.read("CHANGELOG.md"),
        )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Make a project whose work is committed on main."""
    made = Project(tmp_path)
    for name, text in FILES.items():
        made.write(name, text)
    made.git("init", "--quiet", "--initial-branch", "main")
    made.commit()
    return made


def test_a_release_is_a_commit_a_tag_and_checked_distributions(project: Project) -> None:
    before = project.git("rev-parse", "HEAD")
    done = project.release("make", "1.0.0")
    assert done.returncode == 0, done.stderr
    assert "git push origin main v1.0.0" in done.stdout
    assert sorted(path.name for path in (project.folder / "dist").iterdir()) == [
        "codezest_sql-1.0.0-py3-none-any.whl",
        "codezest_sql-1.0.0.tar.gz",
    ]
    assert project.git("rev-parse", "v1.0.0^{commit}") == project.git("rev-parse", "HEAD")
    assert project.git("cat-file", "-t", "v1.0.0") == "tag"
    assert project.git("log", "--format=%s", f"{before}..HEAD") == "Release 1.0.0"
    assert project.git("status", "--porcelain") == ""
    assert project.read("codezest_sql/__init__.py") == FILES["codezest_sql/__init__.py"].replace("0.9.0", "1.0.0")
    today = datetime.now(UTC).date().isoformat()
    assert f"## [Unreleased]\n\n## [1.0.0] - {today}\n\n- New.\n\n## [0.9.0]" in project.read("CHANGELOG.md")
    assert project.release("check", "v1.0.0").returncode == 0
    assert project.release("notes", "v1.0.0").stdout == "- New.\n"


def test_what_is_already_released_is_not_released_again(project: Project) -> None:
    project.git("tag", "v1.0.0")
    before = project.state()
    for version, reason in [
        ("1.0.0", "there is a tag v1.0.0 already"),
        ("0.9.0", "0.9.0 is not after 0.9.0"),
        ("0.8.9", "0.8.9 is not after 0.9.0"),
        ("", "is no version"),
        ("1.0", "is no version"),
        ("--help; true", "is no version"),
    ]:
        done = project.release("make", "--", version)
        assert (done.returncode, done.stdout) == (1, ""), version
        assert reason in done.stderr
        assert "Traceback" not in done.stderr
    assert project.state() == before


def test_what_is_not_committed_or_not_on_main_is_not_released(project: Project) -> None:
    project.write("new.py", "")
    done = project.release("make", "minor")
    assert done.returncode == 1
    assert "commit or remove first what is not committed:\n?? new.py" in done.stderr
    project.commit()
    project.git("checkout", "--quiet", "-b", "feature")
    assert "releases are made of main, and this is feature" in project.release("make", "minor").stderr
    project.git("checkout", "--quiet", "--detach")
    assert "and this is no branch" in project.release("make", "minor").stderr
    assert project.git("tag", "--list") == ""


def test_nothing_unreleased_is_not_released(project: Project) -> None:
    project.write("CHANGELOG.md", FILES["CHANGELOG.md"].replace("- New.\n", ""))
    project.commit()
    before = project.state()
    done = project.release("make", "patch")
    assert done.returncode == 1
    assert "there is nothing to release" in done.stderr
    assert project.state() == before


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ("0001_first.sql sha256:aa\n0002_second.sql sha256:BB\n", "0002_second.sql"),
        ("0002_second.sql sha256:bb\n", "0001_first.sql"),
        ("0001_first.sql sha256:bb\n0003_second.sql sha256:bb\n", "0001_first.sql, 0002_second.sql"),
        ("", "0001_first.sql, 0002_second.sql"),
    ],
)
def test_migrations_of_a_release_are_frozen(project: Project, lines: str, names: str) -> None:
    project.git("tag", "v0.9.0")
    project.write("sql/migrations/migrations.sum", lines)
    project.commit()
    before = project.state()
    done = project.release("make", "major")
    assert done.returncode == 1
    assert f"migrations of v0.9.0 were changed or removed: {names}; add a new one" in done.stderr
    assert project.state() == before


def test_migrations_are_compared_with_the_latest_release_and_rollbacks_may_be_repaired(project: Project) -> None:
    project.write("sql/migrations/migrations.sum", "0001_first.sql sha256:old\n")
    project.commit()
    project.git("tag", "v0.9.0")
    project.write("sql/migrations/migrations.sum", "0001_first.sql sha256:aa\n0001_first.rollback.sql sha256:ac\n")
    project.commit()
    project.git("tag", "v0.10.0")
    project.write("sql/migrations/migrations.sum", FILES["sql/migrations/migrations.sum"])
    project.commit()
    done = project.release("make", "1.0.0")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        (
            "pyproject.toml",
            FILES["pyproject.toml"].replace('readme = "CHANGELOG.md"', 'readme = "NONE.md"'),
            "-m build",
        ),
        ("pyproject.toml", FILES["pyproject.toml"].replace('readme = "CHANGELOG.md"\n', ""), "-m twine check"),
        (
            "pyproject.toml",
            FILES["pyproject.toml"].replace('dynamic = ["version"]', 'version = "7.0.0"'),
            "1.0.0 is wanted and this was built: codezest_sql-7.0.0",
        ),
        (".git/hooks/pre-commit", "#!/bin/sh\necho not today\nexit 1\n", "not today"),
    ],
    ids=["no build", "twine finds something", "another version", "a hook refuses"],
)
def test_a_release_that_fails_leaves_everything_as_it_was(
    project: Project, name: str, text: str, reason: str
) -> None:
    project.write(name, text)
    project.git("add", "--all")
    project.git("commit", "--quiet", "--no-verify", "--allow-empty", "--message", "Break")
    if name.startswith(".git/"):
        (project.folder / name).chmod(0o755)
    before = project.state()
    done = project.release("make", "1.0.0")
    assert done.returncode == 1
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert project.state() == before


def test_a_tag_that_does_not_fit_its_commit_is_refused(project: Project) -> None:
    done = project.release("check", "v1.0.0")
    assert done.returncode == 1
    assert done.stderr == "error: the tag v1.0.0 is on a commit whose version is 0.9.0\n"
    assert project.release("check", "v0.9.0").returncode == 0
    project.write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n## [0.9.0] - 2026-01-01\n")
    done = project.release("check", "v0.9.0")
    assert (done.returncode, done.stderr) == (1, "error: CHANGELOG.md tells nothing of 0.9.0\n")
    assert project.release("notes", "v3.0.0").returncode == 1
