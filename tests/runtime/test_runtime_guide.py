"""What docs/runtime.md shows is what happens."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    import pytest

GUIDE = Path(__file__).parent.parent.parent / "docs" / "runtime.md"


def test_the_guide_shows_what_happens(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its blocks are one session of Python, run on a real database."""
    text = GUIDE.read_text("utf-8")
    schema, queries = re.findall(r"^```sql\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(schema.encode())
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "users.sql").write_text(queries, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database)
    session = "\n".join(re.findall(r"^```pycon\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    made = doctest.DocTestParser().get_doctest(session, {}, "runtime.md", str(GUIDE), 0)
    said: list[str] = []
    outcome = doctest.DocTestRunner(verbose=False).run(made, out=said.append)
    assert outcome.attempted > 20
    assert outcome.failed == 0, "".join(said)
