"""The migrations and queries of another revision, as its files were: what the code still running was made from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from codezest_sql.actions.project.find import OWN_FILE, PYPROJECT, TABLE, parse_document, parse_table
from codezest_sql.actions.project.git import Repository
from codezest_sql.actions.project.settings import DEFAULT_MIGRATIONS, DEFAULT_QUERIES
from codezest_sql.actions.queries.folder import QueryFile
from codezest_sql.core.migrations.files.folder import MigrationFolder, assemble
from codezest_sql.core.migrations.files.layout import FoundFile
from codezest_sql.core.query_files.reading import read_queries
from codezest_sql.core.settings import Settings, parse_settings
from codezest_sql.core.sql.created_extensions import wanted_extensions
from codezest_sql.errors import CodezestError, ProjectErrors, RevisionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codezest_sql.core.query_files.query import Query

_METADATA = ("metadata.toml",)


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A query under the name that people know it by: ``learning.submissions.get_submission``.

    ``release`` is the revision that it is of, "" for this tree.
    """

    name: str
    query: Query
    release: str = ""

    def __str__(self) -> str:
        return f"{self.name} of {self.release}" if self.release else self.name


@dataclass(frozen=True, slots=True)
class Release:
    """A revision: its name as it was given, its commit, its migrations and its queries.

    ``migrations`` is None where the revision has none yet. ``extensions`` are those that its migrations make.
    """

    name: str
    commit: str
    migrations: MigrationFolder | None
    queries: tuple[NamedQuery, ...]
    extensions: frozenset[str] = frozenset()


def read_release(settings: Settings, revision: str) -> Release:
    """Return what a revision of the project's repository has in the folders of migrations and queries.

    The folders are those of its own settings, else those of this tree. Raises ``RevisionError`` where git
    cannot answer, ``ProjectErrors`` if its files cannot be used.
    """
    root = Path(settings.root)
    repository = Repository.around(root)
    commit = repository.commit(revision)
    folders = _folders_then(repository, commit, settings, revision)
    migrations = repository.read(commit, folders.migrations)
    queries = repository.read(commit, folders.queries)
    found = [
        FoundFile(_within(path, folders.migrations), f"{revision}:{path}", data)
        for path, data in migrations.items()
        if _is_migration(path, folders.migrations)
    ]
    texts = (data.decode(errors="replace") for data in migrations.values() if b"xtension" in data.lower())
    return Release(
        revision,
        commit,
        assemble(found, folder=f"{revision}:{folders.migrations}", order=settings.order) if found else None,
        name_queries(_query_files(queries, folders.queries, revision), settings, revision),
        frozenset[str]().union(*map(wanted_extensions, texts)),
    )


def name_queries(files: Iterable[QueryFile], settings: Settings, release: str = "") -> tuple[NamedQuery, ...]:
    """Return all queries of files under their names. Raises ``ProjectErrors`` with all errors of all files."""
    errors: list[CodezestError] = []
    found: list[NamedQuery] = []
    for file in files:
        read = read_queries(file.data, file=file.path, dialect=settings.dialect.of(file.name))
        errors.extend(read.errors)
        prefix = file.name.removesuffix(".sql").replace("/", ".")
        found.extend(NamedQuery(f"{prefix}.{query.name}", query, release) for query in read.queries)
    if errors:
        raise ProjectErrors(errors)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Folders:
    migrations: str
    queries: str


def _folders_then(repository: Repository, commit: str, settings: Settings, revision: str) -> _Folders:
    """Return where the revision had its folders, as ways from the repository's root."""
    root = Path(settings.root)
    now = [repository.inside(Path(each)) for each in (settings.migrations, settings.queries)]
    if now[0] is None or now[1] is None:
        outside = settings.migrations if now[0] is None else settings.queries
        raise RevisionError(
            f"{outside} lies outside of the repository: git knows no {revision} of it",
            hint="--base reads the folders of the settings migrations and queries from git",
        )
    folders = _Folders(now[0], now[1])
    base = repository.inside(root)
    if base is None:
        return folders
    try:
        parsed = _settings_then(repository, commit, root, revision)
    except CodezestError:
        return folders  # a setting of another version of this program: this tree's folders are the better guess
    if parsed is None:
        return folders
    return _Folders(
        _below(base, parsed.migrations, folders.migrations), _below(base, parsed.queries, folders.queries)
    )


def _settings_then(repository: Repository, commit: str, root: Path, revision: str) -> Settings | None:
    """Return the settings that the revision has for the project's folder; None where it has none."""
    defaults = Settings(str(root), DEFAULT_MIGRATIONS, DEFAULT_QUERIES)
    for name, parse, heading in ((PYPROJECT, parse_table, TABLE), (OWN_FILE, parse_document, "")):
        path = repository.inside(root / name)
        data = repository.read(commit, path).get(path) if path is not None else None
        file = f"{revision}:{path}"
        found = parse(data, file=file) if data is not None else None
        if found is not None:
            text, table = found
            return parse_settings(table, defaults, file=file, text=text, heading=heading)
    return None


def _below(base: str, written: str, otherwise: str) -> str:
    """Return a folder as a way from the repository's root; ``written`` is one from the project's folder."""
    if PurePosixPath(written).is_absolute() or ".." in PurePosixPath(written).parts:
        return otherwise
    return str(PurePosixPath(base) / written)


def _is_migration(path: str, folder: str) -> bool:
    name = _within(path, folder)
    if any(part.startswith(".") for part in name.split("/")):
        return False
    return name.lower().endswith((".sql", ".py")) or name.split("/")[-1] in _METADATA


def _query_files(files: Mapping[str, bytes], folder: str, revision: str) -> list[QueryFile]:
    return [
        QueryFile(f"{revision}:{path}", _within(path, folder), data)
        for path, data in sorted(files.items())
        if path.endswith(".sql") and not any(part.startswith(".") for part in _within(path, folder).split("/"))
    ]


def _within(path: str, folder: str) -> str:
    """Return the way from a folder; of a folder that is one file, its name."""
    return path.rsplit("/", 1)[-1] if path == folder else path.removeprefix(f"{folder}/" if folder != "." else "")
