"""Every error has a code of its own, a docstring, an exit code, and a parent that says whose mistake it is."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

import codezest_sql
from codezest_sql import errors
from codezest_sql.errors import (
    Bug,
    CodezestError,
    DatabaseError,
    ExitCode,
    IntegrityError,
    ProjectError,
    ServerError,
    UsageError,
)

PACKAGE = Path(codezest_sql.__file__).parent
CLASSES = [found for _, found in inspect.getmembers(errors, inspect.isclass) if issubclass(found, CodezestError)]
FAMILIES = (UsageError, ProjectError, IntegrityError, DatabaseError, ServerError, Bug)


def test_there_is_no_other_place_for_errors() -> None:
    """Whoever catches CodezestError catches all that a user may see."""
    found: set[type[CodezestError]] = set()
    waiting = [CodezestError]
    while waiting:
        kind = waiting.pop()
        found.add(kind)
        waiting.extend(kind.__subclasses__())
    assert {kind for kind in found if kind.__module__.startswith("codezest_sql")} == set(CLASSES)


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in CLASSES]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_an_error_is_described(kind: type[CodezestError]) -> None:
    assert "code" in vars(kind), "a code of its own, not its parent's"
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.code)
    assert isinstance(kind.exit_code, ExitCode)
    assert kind.exit_code is not ExitCode.DONE
    assert kind.__doc__
    assert kind.__doc__.splitlines()[0].endswith((".", ":"))


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_an_error_belongs_to_one_family(kind: type[CodezestError]) -> None:
    assert kind is CodezestError or sum(issubclass(kind, family) for family in FAMILIES) == 1


@pytest.mark.parametrize(
    ("family", "codes"),
    [
        (UsageError, {ExitCode.USAGE}),
        (ProjectError, {ExitCode.PROJECT}),
        (IntegrityError, {ExitCode.DRIFT}),
        (DatabaseError, {ExitCode.FAILED, ExitCode.CONNECTION, ExitCode.LOCKED}),
        (ServerError, {ExitCode.CONNECTION}),
        (Bug, {ExitCode.BUG}),
    ],
)
def test_the_members_of_a_family_exit_alike(family: type[CodezestError], codes: set[ExitCode]) -> None:
    assert {kind.exit_code for kind in CLASSES if issubclass(kind, family)} <= codes


def test_exit_codes_keep_their_numbers() -> None:
    """Scripts of users depend on them."""
    assert {code.name: code.value for code in ExitCode} == {
        "DONE": 0,
        "FAILED": 1,
        "USAGE": 2,
        "PENDING": 3,
        "DRIFT": 4,
        "LOCKED": 5,
        "CONNECTION": 6,
        "PROJECT": 7,
        "BUG": 70,
        "INTERRUPTED": 130,
        "TERMINATED": 143,
    }


def test_every_error_class_is_raised_somewhere() -> None:
    """A code that no session can meet would be documented without effect."""
    parents = {CodezestError, ProjectError, IntegrityError}
    used: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if path.name == "errors.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            # Raised, returned or kept in a variable: named outside of an import, an annotation or an except.
            if isinstance(node, ast.Call):
                used |= {name.id for name in [node.func, *node.args] if isinstance(name, ast.Name)}
            elif isinstance(node, (ast.Assign, ast.IfExp, ast.Tuple)):
                used |= {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
    assert {kind.__name__ for kind in CLASSES if kind not in parents} - used == set()
