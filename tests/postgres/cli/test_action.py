"""The action for other projects: its scripts run here as the runner would run them, next to a gh that writes down."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
import yaml  # type: ignore[import-untyped]

from tests.paths import ROOT
from tests.patience import PATIENCE
from tests.projects import git

ACTION = cast("dict[str, Any]", yaml.safe_load((ROOT / "action.yml").read_text("utf-8")))
SETTINGS = '[tool.codezest-sql]\nmigrations = "migrations"\nqueries = "queries"\n'
QUERY = "-- name: get_item :opt\nSELECT i.id, i.score FROM public.items AS i WHERE i.id = :id;\n"
GH = """#!/bin/sh
case "$*" in *"--paginate"*) cat "$GH_KNOWN"; exit ;; esac
printf '%s\\n' "$@" >> "$GH_SAID"
"""


class Runner:
    """A runner's folders and environment, in which one step after the other runs."""

    def __init__(self, folder: Path, project: Path) -> None:
        self.folder, self.project = folder, project
        programs = folder / "codezest-sql" / "bin"
        programs.mkdir(parents=True)
        program = programs / "codezest-sql"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m codezest_sql "$@"\n')
        gh = folder / "gh"
        gh.write_text(GH)
        for each in (program, gh):
            each.chmod(0o755)
        for name in ("summary", "output", "known", "said"):
            (folder / name).touch()

    def run(self, step: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the script of a step, with what its expressions would give."""
        (script,) = [each["run"] for each in ACTION["runs"]["steps"] if each.get("name") == step]
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "DATABASE_"))},
            "PATH": f"{self.folder}:{os.environ['PATH']}",
            "RUNNER_TEMP": str(self.folder),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GH_KNOWN": str(self.folder / "known"),
            "GH_SAID": str(self.folder / "said"),
            **variables,
        }
        # As "shell: bash" is run.
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        return subprocess.run(
            command, cwd=self.project, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
        )

    def text(self, name: str) -> str:
        """Return a file that steps write into."""
        return (self.folder / name).read_text("utf-8")


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """Make a pull request that drops a column which v1 still reads."""
    project = tmp_path / "project"
    (project / "migrations").mkdir(parents=True)
    (project / "queries").mkdir()
    (project / "pyproject.toml").write_text(SETTINGS)
    (project / "queries" / "items.sql").write_text(QUERY)
    write(
        project,
        "0001_items",
        "CREATE TABLE public.items (id integer PRIMARY KEY, score integer);",
        "DROP TABLE public.items;",
    )
    git(project, "init", "--quiet")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message", "v1")
    git(project, "tag", "v1")
    write(
        project,
        "0002_drop",
        "ALTER TABLE public.items DROP COLUMN score;",
        "ALTER TABLE public.items ADD COLUMN score integer;",
    )
    (project / "queries" / "items.sql").write_text(QUERY.replace(", i.score", ""))
    folder = tmp_path / "runner"
    folder.mkdir()
    return Runner(folder, project)


def write(project: Path, name: str, up: str, down: str) -> None:
    (project / "migrations" / f"{name}.sql").write_text(f"{up}\n")
    (project / "migrations" / f"{name}.rollback.sql").write_text(f"{down}\n")


def test_all_steps_run_and_findings_are_annotations(runner: Runner) -> None:
    step = "Lint, check, generate, test"
    done = runner.run(step, STEPS="lint check test review", STRICT="false")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "::warning file=migrations/0002_drop.sql" in done.stdout
    assert "1 query in 1 file: all right" in done.stdout
    assert "2 migrations go up, down and up again" in done.stdout
    strict = runner.run(step, STEPS="lint", STRICT="true")
    assert strict.returncode == 1
    unknown = runner.run(step, STEPS="deploy", STRICT="false")
    assert (unknown.returncode, "knows no step 'deploy'" in unknown.stdout) == (2, True)


def test_the_review_is_in_the_summary_and_in_one_comment(runner: Runner) -> None:
    done = runner.run("Review", BASE="v1", STRICT="false")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "items.get\\_item of v1 uses public.items.score, which this drops" in runner.text("summary")
    report = runner.text("output").removeprefix("report=").strip()
    assert Path(report).read_text("utf-8") == runner.text("summary")
    variables = {"REPORT": report, "REPOSITORY": "someone/shop", "NUMBER": "7"}
    assert runner.run("Comment", **variables).returncode == 0
    said = runner.text("said").splitlines()
    assert said[:4] == ["api", "--method", "POST", "repos/someone/shop/issues/7/comments"]
    body = Path(said[5].removeprefix("body=@")).read_text("utf-8")
    assert body.startswith("<!-- codezest-sql review -->\n## Review of migrations\n")
    (runner.folder / "known").write_text("4711\n")
    (runner.folder / "said").write_text("")
    assert runner.run("Comment", **variables).returncode == 0
    assert runner.text("said").splitlines()[:4] == [
        "api",
        "--method",
        "PATCH",
        "repos/someone/shop/issues/comments/4711",
    ]


def test_a_base_that_is_not_there_fails_the_step_and_leaves_no_report(runner: Runner) -> None:
    done = runner.run("Review", BASE="v9", STRICT="false")
    assert done.returncode == 7
    assert "git does not know the revision v9" in done.stderr
    assert runner.text("output") == ""


def test_the_inputs_and_outputs_are_documented() -> None:
    text = (ROOT / "docs" / "ci.md").read_text("utf-8")
    for name in (*ACTION["inputs"], *ACTION["outputs"]):
        assert f"`{name}`" in text, name
    used = json.dumps(ACTION["runs"])
    assert all(f"inputs.{name}" in used for name in ACTION["inputs"])
