"""Makes data directories: ``initdb`` once per server, a copy of its result for each use. Starts no server.

``initdb`` takes 0.3 to 0.8 s, a copy 0.02 s. The results are kept in the user's cache folder; where that cannot be
used or trusted, they last as long as the process.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.errors import ServerError
from codezest_sql.postgres.server.migrator_role import ADMIN, cluster_statements
from codezest_sql.postgres.server.processes import clean_environment
from codezest_sql.postgres.server.run_as import choose_privileges
from codezest_sql.postgres.server.sockets import SUPERUSER
from codezest_sql.postgres.server.user_cache import cache_folder
from codezest_sql.postgres.server.workspace import Workspace

if TYPE_CHECKING:
    from codezest_sql.postgres.server.binaries import Binaries
    from codezest_sql.postgres.server.run_as import Privileges

INITDB_SECONDS = 120.0

# Over the socket anyone who can enter its 0700 folder is the superuser; over TCP a password is needed, and a fresh
# cluster has none, so no session can come that way before one is set.
_OPTIONS = (
    "--encoding=UTF8",
    "--auth-local=trust",
    "--auth-host=scram-sha-256",
    "--no-sync",
)
# C.UTF-8 sorts by code point and is the same everywhere; a C library without it has at least C.
_LOCALES = ("C.UTF-8", "C")
_FORMAT = "2"  # raise it when a template of an older codezest-sql must not be used
_COUNT = "files"
_UNUSED_SECONDS = 30 * 86_400.0
_BUILDING = ".building-"
_BUILDING_SECONDS = 3_600.0

_own_templates: dict[str, Workspace] = {}


class _DamagedTemplateError(Exception):
    """The cached cluster lost files since it was made."""


def create_cluster(binaries: Binaries, target: Path, privileges: Privileges, *, confined: bool = False) -> None:
    """Make the data directory ``target`` (which must not exist, or be empty) for the account the server runs as.

    In a ``confined`` one the role ``postgres`` is no superuser (see ``confined.py``). Nothing is flushed to the disk;
    ``flush_cluster`` does that. Raises ``ServerError`` with the output of ``initdb``.
    """
    try:
        _copy_template(_template(binaries, confined=confined), target, privileges)
    except _DamagedTemplateError:
        shutil.rmtree(target)
        _copy_template(_template(binaries, confined=confined, rebuild=True), target, privileges)


def flush_cluster(binaries: Binaries, data: Path, privileges: Privileges) -> None:
    """Write a new data directory to the disk, so that it survives a power failure."""
    _run_initdb(binaries, ["--sync-only", f"--pgdata={data}"], privileges)


def _copy_template(template: Path, target: Path, privileges: Privileges) -> None:
    owner = None if privileges.user is None else (privileges.user, privileges.group or 0)
    try:
        expected = int((template / _COUNT).read_text(encoding="ascii"))
        with suppress(OSError):
            os.utime(template / _COUNT)
        copied = copy_tree(template / "data", target, owner)
    except (FileNotFoundError, ValueError) as error:
        raise _DamagedTemplateError from error
    except OSError as error:
        raise ServerError(f"the server's data directory {target} cannot be made: {error.strerror}") from error
    if copied != expected:
        raise _DamagedTemplateError


def copy_tree(source: Path, target: Path, owner: tuple[int, int] | None = None) -> int:
    """Copy a data directory with modes 0700 and 0600 and return the number of files.

    ``shutil.copytree`` takes twice as long, for times and attributes that a data directory does not need.
    """
    return _copy_folder(os.fspath(source), os.fspath(target), owner)


def _copy_folder(source: str, target: str, owner: tuple[int, int] | None) -> int:
    with suppress(FileExistsError):
        os.mkdir(target, 0o700)  # noqa: PTH102  # strings are three times as fast as paths here
    if owner is not None:
        os.chown(target, *owner)
    count = 0
    with os.scandir(source) as entries:
        for entry in entries:
            copy = f"{target}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                count += _copy_folder(entry.path, copy, owner)
            else:
                _copy_file(entry.path, copy, owner)
                count += 1
    return count


def _copy_file(source: str, target: str, owner: tuple[int, int] | None) -> None:
    reader = os.open(source, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        writer = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            if owner is not None:
                os.fchown(writer, *owner)
            if sys.platform == "linux":
                while os.sendfile(writer, reader, None, 1 << 30):
                    pass
            else:
                with open(reader, "rb", closefd=False) as whole, open(writer, "wb", closefd=False) as copy:
                    shutil.copyfileobj(whole, copy, 1 << 20)
        finally:
            os.close(writer)
    finally:
        os.close(reader)


def _template(binaries: Binaries, *, confined: bool, rebuild: bool = False) -> Path:
    """Return the folder with the cluster that ``initdb`` made for these binaries, making it if needed."""
    key = _key(binaries, confined=confined)
    cache = cache_folder("clusters")
    if cache is None:
        if key not in _own_templates or rebuild:
            workspace = Workspace(choose_privileges())
            try:
                _build(binaries, workspace.path / "template", confined=confined)
            except BaseException:
                workspace.remove()
                raise
            _own_templates[key] = workspace
            atexit.register(workspace.remove)
        return _own_templates[key].path / "template"
    template = cache / key
    if rebuild:
        shutil.rmtree(template, ignore_errors=True)
    if not (template / _COUNT).exists():
        _prune(cache)
        building = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=cache))
        try:
            _build(binaries, building / "template", confined=confined)
            # Atomic; where another process was faster, its result is as good as ours.
            with suppress(OSError):
                (building / "template").rename(template)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    return template


def _build(binaries: Binaries, target: Path, *, confined: bool) -> None:
    privileges = choose_privileges()
    workspace = Workspace(privileges)
    try:
        data = workspace.folder("data")
        _initialise(binaries, data, privileges, superuser=ADMIN if confined else SUPERUSER)
        if confined:
            statements = "".join(f"{statement};\n" for statement in cluster_statements(binaries.major))
            _run_single(binaries, data, statements, privileges)
        target.mkdir(mode=0o700)
        count = copy_tree(data, target / "data")
        (target / _COUNT).write_text(str(count), encoding="ascii")
    except OSError as error:
        raise ServerError(f"{target} cannot be written: {error.strerror}") from error
    finally:
        workspace.remove()


def _initialise(binaries: Binaries, data: Path, privileges: Privileges, *, superuser: str) -> None:
    for locale in _LOCALES:
        options = [f"--pgdata={data}", f"--username={superuser}", f"--locale={locale}", *_OPTIONS]
        try:
            _run_initdb(binaries, options, privileges)
        except ServerError as error:
            if "invalid locale" in error.message and locale != _LOCALES[-1]:
                continue
            raise
        return


def _run_initdb(binaries: Binaries, options: list[str], privileges: Privileges) -> None:
    program = binaries.program("initdb")
    code, said = _run(program, options, privileges)
    if code != 0:
        raise ServerError(f"{program} failed: {said or f'exit code {code}'}")


def _run_single(binaries: Binaries, data: Path, statements: str, privileges: Privileges) -> None:
    """Run statements, one a line, on a data directory that no server runs on (single-user mode)."""
    program = binaries.program("postgres")
    options = ["--single", "-D", str(data), "-c", "log_min_messages=error", "-c", "exit_on_error=on", SUPERUSER]
    code, said = _run(program, options, privileges, text=statements)
    if code != 0:
        raise ServerError(f"{program} --single failed: {said or f'exit code {code}'}")


def _run(program: Path, options: list[str], privileges: Privileges, *, text: str = "") -> tuple[int, str]:
    """Run a program of the server with a text as its input; return its exit code and its stderr."""
    try:
        answer = subprocess.run(  # noqa: S603  # a program of the server's own folder, no shell
            [*privileges.prefix, program, *options],
            input=text.encode(),
            capture_output=True,
            timeout=INITDB_SECONDS,
            check=False,
            user=privileges.user,
            group=privileges.group,
            extra_groups=None if privileges.user is None else [],
            # Without TZ initdb searches all time zones for this machine's, and the template would keep it.
            env={**clean_environment(), "TZ": "UTC"},
            cwd="/",
        )
    except subprocess.TimeoutExpired as error:
        raise ServerError(f"{program} did not end within {INITDB_SECONDS:.0f} s") from error
    except OSError as error:
        raise ServerError(f"{program} cannot be run: {error.strerror or error}") from error
    return answer.returncode, answer.stderr.decode("utf-8", errors="replace").strip()


def _key(binaries: Binaries, *, confined: bool) -> str:
    program = binaries.program("postgres")
    made = tuple(cluster_statements(binaries.major)) if confined else ()
    facts = (str(program.resolve()), str(program.stat().st_mtime_ns), *_OPTIONS, *_LOCALES, _FORMAT, *made)
    digest = hashlib.sha256("\0".join(facts).encode(errors="surrogateescape")).hexdigest()
    return f"{binaries.version_text}-{digest[:16]}"


def _prune(cache: Path) -> None:
    """Remove entries that were not used for a month, and those that a killed process left incomplete."""
    now = time.time()
    for folder in cache.iterdir():
        with suppress(OSError):
            building = folder.name.startswith(_BUILDING)
            touched = (folder if building else folder / _COUNT).stat().st_mtime
            if now - touched > (_BUILDING_SECONDS if building else _UNUSED_SECONDS):
                shutil.rmtree(folder, ignore_errors=True)
