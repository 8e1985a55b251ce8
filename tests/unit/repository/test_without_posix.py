"""Without the modules of POSIX, as on Windows, everything imports, and the embedded server is refused by name."""

from __future__ import annotations

import subprocess
import sys

from tests.patience import PATIENCE

PROGRAM = """
import importlib, pkgutil, sys
for name in ("fcntl", "pwd", "grp", "resource", "termios"):
    sys.modules[name] = None
import codezest_sql
for module in pkgutil.walk_packages(codezest_sql.__path__, "codezest_sql."):
    if module.name != "codezest_sql.__main__":
        importlib.import_module(module.name)
from codezest_sql.errors import ServerError
from codezest_sql.postgres.server.run_as import choose_privileges
try:
    choose_privileges()
except ServerError as error:
    print(error.message)
"""


def test_every_module_imports_without_the_modules_of_posix() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stdout) == (0, "the embedded server runs on Linux and macOS only\n"), done.stderr
