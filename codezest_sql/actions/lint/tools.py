"""Runs sqlfluff and squawk over files, and knows whether they are there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, cast

from codezest_sql.core.lint.mask import without
from codezest_sql.core.sql.statements import split_statements
from codezest_sql.core.text.source_text import SourceText
from codezest_sql.errors import LexicalError, LintToolError

_FILES_PER_WORKER = 6
_MOST_ROUNDS = 25
_TIMEOUT = 600.0


@dataclass(frozen=True, slots=True)
class ToolFile:
    """A file as a tool gets it."""

    path: Path
    text: str
    transactional: bool = True


@dataclass(frozen=True, slots=True)
class Said:
    """A finding of a tool: its own code, line and column from 1, the message, the hint."""

    code: str
    line: int
    column: int
    message: str
    hint: str = ""


def sqlfluff_version() -> str | None:
    """Return the version of sqlfluff that is installed, None where none is."""
    try:
        return version("sqlfluff")
    except PackageNotFoundError:
        return None


def find_squawk() -> str | None:
    """Return the program squawk next to this Python, else from the PATH; None if there is none."""
    return shutil.which("squawk", path=sysconfig.get_path("scripts")) or shutil.which("squawk")


def squawk_version() -> str | None:
    """Return the version of squawk, None where there is none."""
    program = find_squawk()
    if program is None:
        return None
    return _run([program, "--version"], None, cwd=None).strip()


def run_sqlfluff(files: list[ToolFile], root: Path) -> list[list[Said]]:
    """Return what sqlfluff finds in each file."""
    return [
        [Said(code, line, column, message) for code, line, column, message in each["found"]]
        for each in _sqlfluff(files, root, fix=False)
    ]


def fix_with_sqlfluff(files: list[ToolFile], root: Path) -> list[str | None]:
    """Return the corrected text of each file; None where there is nothing that sqlfluff can correct."""
    return [each["text"] for each in _sqlfluff(files, root, fix=True)]


def _sqlfluff(files: list[ToolFile], root: Path, *, fix: bool) -> list[dict[str, Any]]:
    """Share the files among processes by their size, and return the answers in their order."""
    if not files:
        return []
    workers = max(min(os.cpu_count() or 1, -(-len(files) // _FILES_PER_WORKER)), 1)
    shares: list[list[int]] = [[] for _ in range(workers)]
    sizes = [0] * workers
    for number in sorted(range(len(files)), key=lambda each: -len(files[each].text)):
        least = sizes.index(min(sizes))
        shares[least].append(number)
        sizes[least] += len(files[number].text)

    def work(share: list[int]) -> list[dict[str, Any]]:
        task = {"fix": fix, "files": [{"path": str(files[each].path), "text": files[each].text} for each in share]}
        command = [sys.executable, "-m", "codezest_sql.actions.lint.sqlfluff_worker"]
        return cast("list[dict[str, Any]]", json.loads(_run(command, json.dumps(task), cwd=root)))

    answers: dict[int, dict[str, Any]] = {}
    with ThreadPoolExecutor(workers) as pool:
        for share, said in zip(shares, pool.map(work, shares), strict=True):
            answers.update(zip(share, said, strict=True))
    return [answers[number] for number in range(len(files))]


def run_squawk(files: list[ToolFile], root: Path) -> list[list[Said]]:
    """Return what squawk finds in each file."""
    program = find_squawk()
    if program is None:
        return [[] for _ in files]
    with ThreadPoolExecutor(max(os.cpu_count() or 1, 1)) as pool:
        return list(pool.map(partial(_squawk, program, root), files))


def _squawk(program: str, root: Path, file: ToolFile) -> list[Said]:
    """Run squawk over one file; a statement that it cannot parse is reported, removed, and the rest linted again."""
    mode = "--assume-in-transaction" if file.transactional else "--no-assume-in-transaction"
    command = [program, "--reporter", "json", mode, "--stdin-filepath", file.path.name]
    if not any((folder / ".squawk.toml").exists() for folder in (root, *root.parents)):
        command += ["--pg-version", "15.0", "--exclude", "prefer-bigint-over-int,ban-char-field"]
    text = file.text
    source = SourceText.of(str(file.path), text)
    told: list[Said] = []
    try:
        statements = split_statements(text)
    except LexicalError:
        statements = ()
    for _ in range(_MOST_ROUNDS):
        answer = cast("list[dict[str, Any]]", json.loads(_run(command, text, cwd=root, codes=(0, 1)) or "[]"))
        found = [_said(each, source) for each in answer]
        syntax = [each for each in found if each.code == "syntax-error"]
        if not syntax:
            return [*told, *found]
        offsets = [
            source.line_starts[min(each.line, len(source.line_starts)) - 1] + each.column - 1 for each in syntax
        ]
        bad = [each for each in statements if any(each.start <= offset <= each.end + 1 for offset in offsets)]
        blanked = without(text, bad)
        if blanked == text:
            return [*told, *found]
        for statement in bad:
            place = source.place(statement.start)
            told.append(Said("syntax-error", place.line, place.column, "squawk cannot parse this statement"))
        text = blanked
    return told


def _said(each: dict[str, Any], source: SourceText) -> Said:
    """Return what squawk found; its lines count from 0, its columns are bytes of the line."""
    line = min(int(each["line"]), len(source.line_starts) - 1)
    start = source.line_starts[line]
    end = source.line_starts[line + 1] if line + 1 < len(source.line_starts) else len(source.text)
    before = source.text[start:end].encode("utf-8", "surrogateescape")[: int(each["column"])]
    column = len(before.decode("utf-8", "ignore")) + 1
    return Said(str(each["rule_name"]), line + 1, column, str(each["message"]), str(each["help"] or ""))


def _run(command: list[str], text: str | None, *, cwd: Path | None, codes: tuple[int, ...] = (0,)) -> str:
    """Run a program and return what it printed; whatever goes wrong is a ``LintToolError``."""
    name = Path(command[0]).name if "-m" not in command else "sqlfluff"
    # The worker must find this package also where the command was started by a path.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    try:
        done = subprocess.run(  # noqa: S603  # a list of our own words, no shell
            command,
            input=text,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            cwd=cwd,
            env=environment,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LintToolError(f"{name} could not be run: {error.__class__.__name__}", hint="is it installed?") from None
    if done.returncode not in codes:
        last = (done.stderr.strip() or done.stdout.strip()).split("\n")[-1]
        raise LintToolError(
            f"{name} failed: {last or f'exit code {done.returncode}'}",
            hint=f'look at its configuration; {name} = "off" in [tool.codezest-sql.lint] leaves it out',
        )
    return done.stdout
