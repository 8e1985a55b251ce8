"""A program that does not close its database ends all the same, with a ResourceWarning."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.patience import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

COMMON = """
import asyncio, sys
from codezest_sql import PoolSettings
from codezest_sql.runtime import AsyncDatabase, Column, Database, One, Statement

Q = One(Statement("q", "SELECT pg_sleep(0.05)::text || '1' AS a", (), (Column("a", "text"),)))

async def work(db):
    await asyncio.gather(*[db.run(Q) for _ in range(6)])
"""
PROGRAMS = {
    "module": "db = AsyncDatabase.connect(sys.argv[1])\nasyncio.run(work(db))",
    "local": "async def main():\n    await work(AsyncDatabase.connect(sys.argv[1]))\nasyncio.run(main())",
    "two loops": "db = AsyncDatabase.connect(sys.argv[1])\nasyncio.run(work(db))\nasyncio.run(work(db))",
    "closed loop": (
        "db = AsyncDatabase.connect(sys.argv[1])\nloop = asyncio.new_event_loop()\n"
        "loop.run_until_complete(work(db))\nloop.close()"
    ),
    "open loop": (
        "db = AsyncDatabase.connect(sys.argv[1])\nloop = asyncio.new_event_loop()\nloop.run_until_complete(work(db))"
    ),
    "anyio": "import anyio\ndb = AsyncDatabase.connect(sys.argv[1])\nanyio.run(work, db)",
    "cancelled": (
        "db = AsyncDatabase.connect(sys.argv[1], pool=PoolSettings(max_size=2))\nasync def main():\n"
        "    asyncio.ensure_future(work(db))\n    await asyncio.sleep(0.07)\nasyncio.run(main())"
    ),
    "exception": (
        "db = AsyncDatabase.connect(sys.argv[1])\nasync def main():\n    await work(db)\n    raise SystemExit(0)\n"
        "asyncio.run(main())"
    ),
    "transaction": (
        "db = AsyncDatabase.connect(sys.argv[1])\nasync def main():\n    await work(db)\n"
        "    await db.transaction().__aenter__()\nasyncio.run(main())"
    ),
    "sync": "db = Database.connect(sys.argv[1])\ndb.run(Q)",
    "threads": (
        "from concurrent.futures import ThreadPoolExecutor\ndb = Database.connect(sys.argv[1])\n"
        "with ThreadPoolExecutor(4) as threads:\n    list(threads.map(db.run, [Q] * 8))"
    ),
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_that_does_not_close_its_database_ends_with_a_warning(
    database: str, tmp_path: Path, program: str
) -> None:
    script = tmp_path / "program.py"
    script.write_text(f"{COMMON}\n{PROGRAMS[program]}\n")
    done = subprocess.run(
        [sys.executable, "-W", "always::ResourceWarning", script, database],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "atabase was not closed" in done.stderr
    assert "Traceback" not in done.stderr, done.stderr


def test_an_application_that_runs_queries_at_once_imports_psycopg_and_pydantic_only(
    database: str, tmp_path: Path
) -> None:
    script = tmp_path / "program.py"
    script.write_text(
        f"{COMMON}\n{PROGRAMS['module']}\nasyncio.run(db.close())\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} - sys.stdlib_module_names))\n"
    )
    done = subprocess.run([sys.executable, "-I", script, database], capture_output=True, text=True, check=True)
    known = {"psycopg", "psycopg_binary", "pydantic", "pydantic_core", "annotated_types", "typing_extensions",
             "typing_inspection", "codezest_sql", "__main__"}  # fmt: skip
    found: set[str] = set(eval(done.stdout))
    assert {name for name in found - known if not name.startswith(("_", "sitecustomize", "cython"))} == set()
