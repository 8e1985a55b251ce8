"""The toolkit's own SQL is ASCII: a server in LATIN1 refuses any other character, in comments too."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import codezest_sql

PACKAGE = Path(codezest_sql.__file__).parent
# Modules that talk to a server; elsewhere an ellipsis in a hint such as "CREATE INDEX … ON ONLY" is for people.
SENDERS = ("ledger.py", "actions", "executor", "postgres", "runtime")
_SQL = re.compile(
    r"\s*(--|ALTER|ANALYZE|BEGIN|CALL|CLOSE|COMMENT|COMMIT|COPY|CREATE|DEALLOCATE|DECLARE|DELETE|DISCARD|DO|DROP|EXECUTE"
    r"|EXPLAIN|FETCH|GRANT|INSERT|LISTEN|LOCK|MERGE|NOTIFY|PREPARE|REFRESH|RELEASE|RESET|REVOKE|ROLLBACK|SAVEPOINT|SELECT"
    r"|SET|SHOW|TRUNCATE|UNLISTEN|UPDATE|VACUUM|VALUES|WITH)\b"
)
FILES = sorted(
    path
    for path in PACKAGE.rglob("*.sql")
    # Generated from sql/, where a project's own text is: its database has to hold it.
    if "_sql" not in path.parts
)
MODULES = sorted(
    path
    for sender in SENDERS
    for path in ([PACKAGE / sender] if sender.endswith(".py") else (PACKAGE / sender).rglob("*.py"))
)


def test_there_are_texts_to_look_at() -> None:
    assert len(FILES) > 30
    assert len(MODULES) > 80


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_of_sql_is_ascii(path: Path) -> None:
    path.read_bytes().decode("ascii")


def test_every_statement_within_the_code_is_ascii() -> None:
    """String constants that begin as SQL does, without docstrings; parts of f-strings as well."""
    wrong = [
        f"{path.relative_to(PACKAGE)}:{line}: {text[:60]!r}"
        for path in MODULES
        for line, text in _constants(ast.parse(path.read_text("utf-8")))
        if _SQL.match(text) and not text.isascii()
    ]
    assert wrong == []


def _constants(tree: ast.Module) -> list[tuple[int, str]]:
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)]
    docs = {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}
    return [
        (node.lineno, node.value if isinstance(node.value, str) else node.value.decode("latin-1"))
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and id(node) not in docs
    ]
