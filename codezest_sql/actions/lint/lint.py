"""``codezest-sql lint``: our rules, squawk and sqlfluff over the SQL of a project, as one report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.actions.lint.cache import LintCache
from codezest_sql.actions.lint.targets import find_targets
from codezest_sql.actions.lint.tools import (
    Said,
    ToolFile,
    fix_with_sqlfluff,
    run_sqlfluff,
    run_squawk,
    sqlfluff_version,
    squawk_version,
)
from codezest_sql.actions.migrations.folder import is_sql, list_folder, read_one
from codezest_sql.actions.project.atomic_write import AllOrNothing
from codezest_sql.actions.project.git import Repository
from codezest_sql.actions.project.settings import show_path
from codezest_sql.core.lint.finding import Finding, Severity, in_order
from codezest_sql.core.lint.ignores import apply_ignores, read_ignores
from codezest_sql.core.lint.lenient_folder import finding_of, lenient_file, read_leniently
from codezest_sql.core.lint.merge import adjudicate, sqlfluff_finding, squawk_finding
from codezest_sql.core.lint.rules import BY_CODE
from codezest_sql.core.lint.run import LintFile, lint_files
from codezest_sql.core.lint.settings import Severities
from codezest_sql.core.migrations.files.layout import FoundFile
from codezest_sql.core.sql.statements import split_statements
from codezest_sql.core.text.decode import decode
from codezest_sql.core.text.source_text import SourceText
from codezest_sql.errors import CodezestError, ProjectErrors
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from codezest_sql.actions.lint.targets import Targets
    from codezest_sql.actions.migrations.folder import Reader
    from codezest_sql.core.settings import Settings
    from codezest_sql.core.sql.statements import Statement

_INSTALL = 'install it with "pip install codezest-sql[lint]"'


@dataclass(frozen=True, slots=True)
class LintReport:
    """The findings, in how many files; ``notes`` are for people, ``fixed`` names the files that changed."""

    findings: tuple[Finding, ...]
    files: int
    notes: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A file that is linted: its text, its statements, whether it is a migration and how it runs."""

    path: Path
    source: SourceText
    statements: tuple[Statement, ...]
    migration: bool
    transactional: bool = True
    undoes: bool = False

    def place(self, said: Said) -> Place:
        """Return the place that a tool speaks of."""
        return Place(self.source.file, said.line, said.column)

    @property
    def for_tools(self) -> ToolFile:
        """The file as a tool gets it."""
        return ToolFile(self.path.absolute(), self.source.text, self.transactional)


def lint(
    settings: Settings,
    paths: Sequence[Path] = (),
    *,
    base: str | None = None,
    fix: bool = False,
    read: Reader | None = None,
) -> LintReport:
    """Return what is found in the project's SQL, or in ``paths``; with ``base``, in files that differ from it.

    With ``fix`` sqlfluff first corrects what it can. ``read`` returns the bytes of a migration, by default from disk;
    it must not be given with ``fix``. Raises ``UsageError``, ``FolderError``, ``RevisionError`` and
    ``LintToolError``.
    """
    root = Path(settings.root)
    changed = Repository.around(root).changed_since(base) if base is not None else None
    targets = find_targets(settings, paths, changed)
    severities = Severities(settings.lint)
    own, files = _load(settings, targets, severities, read)
    notes: list[str] = []
    sqlfluff = _wanted_tool("sqlfluff", severities, sqlfluff_version, notes)
    squawk = _wanted_tool("squawk", severities, squawk_version, notes)
    fixed: tuple[str, ...] = ()
    if fix and sqlfluff:
        fixed = _fix(files, root)
        if fixed:
            own, files = _load(settings, targets, severities, read)
    said: list[Finding] = list(own)
    if sqlfluff:
        for file, found in zip(files, _ask(files, root, "sqlfluff", sqlfluff, run_sqlfluff), strict=True):
            said += (sqlfluff_finding(each.code, file.place(each), each.message, file.source) for each in found)
    if squawk:
        migrations = [file for file in files if file.migration]
        for file, found in zip(migrations, _ask(migrations, root, "squawk", squawk, run_squawk), strict=True):
            theirs = [
                squawk_finding(each.code, file.place(each), each.message, each.hint, file.source) for each in found
            ]
            said += adjudicate(theirs, file.statements, file.source, undoes=file.undoes)
    chosen = [kept for each in said if (kept := severities.apply(each)) is not None]
    tools = {"sqlfluff": bool(sqlfluff), "squawk": bool(squawk)}
    return LintReport(in_order(_unignored(chosen, files, severities, tools)), len(files), tuple(notes), fixed)


def _wanted_tool(
    name: str, severities: Severities, find_version: Callable[[], str | None], notes: list[str]
) -> str | None:
    """Return the tool's version; None where it is off or not installed, which is noted."""
    if severities.of(name, Severity.WARNING) is Severity.OFF:
        return None
    found = find_version()
    if found is None:
        notes.append(f"{name} is not installed, and was left out: {_INSTALL}")
    return found


def _load(
    settings: Settings, targets: Targets, severities: Severities, read: Reader | None
) -> tuple[list[Finding], list[_Loaded]]:
    """Read all files: what our rules find in them, and the files for the tools."""
    findings: list[Finding] = []
    loaded: dict[str, _Loaded] = {}
    for folder in targets.folders:
        found: list[FoundFile] = []
        try:
            if is_sql(folder) and folder.is_file():
                found = [read_one(folder, read=read)]
            else:
                listing = list_folder(folder, read=read)
                found = listing.files
                findings += map(finding_of, (*listing.errors, *listing.down_errors))
        except ProjectErrors as error:
            findings += map(finding_of, error.errors)
        except CodezestError as error:
            findings.append(finding_of(error))
        base = folder.parent if folder.is_file() else folder
        paths = {each.path: base / each.name for each in found}
        wanted = frozenset(name for name, path in paths.items() if path.resolve() in targets.wanted)
        lenient = read_leniently(found, order=settings.order, wanted=wanted, lock_timeout=settings.lock_timeout)
        findings += (*lenient.mistakes, *lint_files(lenient.files, severities))
        texts = {each.path: each for each in found}
        for file in lenient.files:
            if file.wanted:
                _add(loaded, file, texts[file.facts.file], paths[file.facts.file])
    for path in targets.plain:
        found_file = FoundFile(path.name, show_path(path), path.read_bytes())
        plain = lenient_file(found_file)
        if plain is None:
            findings += _unreadable(found_file)
        else:
            source = SourceText.of(found_file.path, plain.facts.text)
            loaded[found_file.path] = _Loaded(path, source, plain.statements, migration=False)
    return findings, list(loaded.values())


def _add(loaded: dict[str, _Loaded], file: LintFile, found: FoundFile, path: Path) -> None:
    """Add a migration's file; one that holds both ways once, with the statements of both."""
    before = loaded.get(found.path)
    if before is not None:
        statements = tuple(sorted({*before.statements, *file.statements}))
        loaded[found.path] = _Loaded(path, before.source, statements, migration=True)
        return
    source = SourceText.of(found.path, decode(found.data, file=found.path))
    facts = file.facts
    loaded[found.path] = _Loaded(
        path, source, file.statements, migration=True, transactional=facts.transactional, undoes=facts.undoes
    )


def _unreadable(file: FoundFile) -> list[Finding]:
    try:
        decode(file.data, file=file.path)
    except CodezestError as error:
        return [finding_of(error)]
    return []


def _ask(
    files: list[_Loaded],
    root: Path,
    tool: str,
    version: str,
    run: Callable[[list[ToolFile], Path], list[list[Said]]],
) -> list[list[Said]]:
    """Return a tool's findings for each file, from the cache for a file that it has seen."""
    cache = LintCache(root, tool, version)
    asked = [file.for_tools for file in files]
    known = [cache.get(file) for file in asked]
    unknown = [file for file, found in zip(asked, known, strict=True) if found is None]
    answers = iter(run(unknown, root))
    said: list[list[Said]] = []
    for file, found in zip(asked, known, strict=True):
        if found is None:
            found = next(answers)  # noqa: PLW2901  # the answer takes the place of none
            cache.put(file, found)
        said.append(found)
    cache.write()
    return said


def _fix(files: list[_Loaded], root: Path) -> tuple[str, ...]:
    """Write what sqlfluff corrects, all files or none; one whose statements it would change in number stays."""
    fixed: list[str] = []
    with AllOrNothing() as writing:
        for file, text in zip(files, fix_with_sqlfluff([each.for_tools for each in files], root), strict=True):
            if text is not None and len(split_statements(text)) == len(split_statements(file.source.text)):
                writing.replace(file.path, text.encode())
                fixed.append(file.source.file)
    return tuple(fixed)


def _unignored(
    findings: list[Finding], files: list[_Loaded], severities: Severities, tools: dict[str, bool]
) -> Iterator[Finding]:
    by_file: dict[str, list[Finding]] = {}
    for each in findings:
        by_file.setdefault(each.place.file, []).append(each)
    for file in files:
        ignores, mistakes = read_ignores(file.source, file.statements)
        yield from mistakes

        def judged(code: str, file: _Loaded = file) -> bool:
            tool = code.partition(":")[0]
            if tool in tools:
                return tools[tool] and (tool != "squawk" or file.migration)
            rule = BY_CODE.get(code)
            return rule is not None and severities.of(code, rule.severity) is not Severity.OFF

        yield from apply_ignores(by_file.pop(file.source.file, []), ignores, file.source, judged=judged)
    for rest in by_file.values():
        yield from rest
