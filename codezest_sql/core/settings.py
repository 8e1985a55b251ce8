"""The settings of a project, as a value. Loaded from files by ``actions/project/settings.py``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast, get_args

from codezest_sql.core.migrations.files.order import Order
from codezest_sql.core.query_checks.policy_names import POLICY_NAMES, Severity
from codezest_sql.core.query_files.dialect import Dialect, Dialects
from codezest_sql.core.text.duration import parse_duration
from codezest_sql.core.text.suggestion import did_you_mean
from codezest_sql.errors import ProjectErrors, SettingsError
from codezest_sql.place import Place, excerpt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codezest_sql.core.lint.finding import Severity as LintSeverity
    from codezest_sql.core.python_code.output_package import OutputPackage
    from codezest_sql.core.python_types.annotation import PythonType


@dataclass(frozen=True, slots=True)
class PackagedSchema:
    """A schema inside an installed package: its folder with migrations/, queries/ and seeds/, which is only read.

    ``managed_partitions`` are as in ``Settings``.
    """

    folder: str
    managed_partitions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """What a command needs to know of a project.

    Folders are absolute paths. Times are seconds: ``lock_timeout`` is how long one attempt waits for a lock
    on a table, ``lock_retry`` how long attempts continue, ``concurrent_timeout`` how long a statement that runs
    CONCURRENTLY may wait for older transactions, ``deployer_timeout`` how long to wait for another deployer.
    ``order`` is that of files that do not depend on each other.

    ``shadow_url`` is a server for shadow databases, None for a temporary one of our own. ``managed_partitions`` are
    the partitioned tables, as ``schema.table``, whose partitions something else than the migrations makes and drops;
    ``ignore_schemas`` the schemas that are another user's: ``verify`` leaves both alone.

    ``dialect`` is how query files are spelled, which may differ by folder. ``policies`` and ``lint`` are
    the severities that the project chose.

    ``output`` is where generated code goes. ``initialisms`` are words that class names spell as they are given;
    ``model_names`` has names of classes by ``schema.table``, ``json_types`` types by ``schema.table.column``.

    ``frozen`` is the option of that name: a migration whose line in ``migrations.sum`` is open is refused.

    ``seeds`` is the folder of the reference data, which need not be there.

    For ``check --plans``: ``statistics`` and ``plans`` are absolute paths of committed files that need not be there,
    ``assumed_rows`` what a table has that the statistics do not know, ``large_table_rows`` how many rows make a table
    that no query should scan sequentially.

    ``file`` is the absolute path of the file that holds the settings, "" where there is no project. ``bundled`` is
    True for a ``PackagedSchema``, which is read and never written.

    ``trust_migrations`` lets migrations run as a superuser on temporary servers. Only an option or the environment
    states so: what a branch may do is not for a file of the branch to decide.
    """

    root: str
    migrations: str
    queries: str
    lock_timeout: float = 2.0
    lock_retry: float = 60.0
    concurrent_timeout: float = 600.0
    deployer_timeout: float = 300.0
    order: Order = "auto"
    shadow_url: str | None = None
    managed_partitions: tuple[str, ...] = ()
    ignore_schemas: tuple[str, ...] = ()
    dialect: Dialects = field(default_factory=Dialects)
    policies: tuple[tuple[str, Severity], ...] = ()
    lint: tuple[tuple[str, LintSeverity], ...] = ()
    output: OutputPackage | None = None
    initialisms: tuple[str, ...] = ()
    model_names: tuple[tuple[str, str], ...] = ()
    json_types: tuple[tuple[str, PythonType], ...] = ()
    seeds: str = "sql/seeds"
    statistics: str = "sql/statistics.json"
    plans: str = "sql/plans.json"
    assumed_rows: int = 1_000_000
    # About 2 MB of rows of 200 bytes: read in a millisecond or two where they are in memory.
    large_table_rows: int = 10_000
    frozen: bool = False
    file: str = ""
    bundled: bool = False
    trust_migrations: bool = False


def parse_settings(
    table: Mapping[str, object], defaults: Settings, *, file: str, text: str, heading: str = "tool.codezest-sql"
) -> Settings:
    """Return ``defaults`` with the values of a table of ``file``, which ``heading`` names ("" is the top level).

    ``text`` is the file's whole text, used to point at a mistake. Folders are returned as written, relative
    to the file: the caller makes them absolute. Raises ``ProjectErrors`` with every unknown key and unusable
    value.
    """
    errors: list[SettingsError] = []

    def refuse(key: str, message: str, hint: str | None) -> None:
        place = _place_of_key(file, text, key, heading)
        errors.append(SettingsError(message, place=place, hint=hint, source=excerpt(text, place)))

    found: dict[str, object] = {}
    for key, value in table.items():
        if key in _SETTINGS:
            kind, example = _SETTINGS[key]
            try:
                found[key] = kind(value)
            except ValueError as error:
                refuse(key, f"{key}{error}", f"write {key} = {example}")
        elif key not in KNOWN_KEYS:
            hint = did_you_mean(key, KNOWN_KEYS) or f"known settings are {', '.join(KNOWN_KEYS)}"
            if key == "tool" and not heading:
                hint = "this file holds the settings at its top level: leave out [tool.codezest-sql]"
            refuse(key, f"unknown setting {key!r}", hint)
    if errors:
        raise ProjectErrors(errors)
    return replace(defaults, **found)  # type: ignore[arg-type]  # each value is what its kind returns


def _folder(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError(" must be the path of a folder")


def _file(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError(" must be the path of a file")


def _rows(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise ValueError(" must be a number of rows")


def _duration(value: object) -> float:
    try:
        return parse_duration(value if isinstance(value, str) else repr(value))
    except ValueError as error:
        raise ValueError(f": {error}") from None


def _url(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError(" must be a URL")


def _order(value: object) -> Order:
    if value in get_args(Order):
        return cast("Order", value)
    raise ValueError(f": expected auto, name or number, not {value!r}")


def _names(value: object) -> tuple[str, ...]:
    names = tuple(cast("list[object]", value)) if isinstance(value, list) else ()
    if isinstance(value, list) and all(isinstance(name, str) and name for name in names):
        return cast("tuple[str, ...]", names)
    raise ValueError(" must be a list of names")


def _dialects(value: object) -> Dialects:
    if not isinstance(value, dict):
        return Dialects(_dialect(value))
    folders = {folder.strip("/"): _dialect(each) for folder, each in cast("dict[str, object]", value).items()}
    return Dialects(folders=tuple(sorted(folders.items())))


def _dialect(value: object) -> Dialect:
    if isinstance(value, str) and value in {each.value for each in Dialect}:
        return Dialect(value)
    raise ValueError(f": expected {' or '.join(each.value for each in Dialect)}, not {value!r}")


def _policies(value: object) -> tuple[tuple[str, Severity], ...]:
    if not isinstance(value, dict):
        raise ValueError(" must be a table")  # noqa: TRY004  # what parse_settings turns into a mistake
    found: list[tuple[str, Severity]] = []
    for name, severity in cast("dict[str, object]", value).items():
        if name not in POLICY_NAMES:
            near = did_you_mean(name, POLICY_NAMES) or f"known ones are {', '.join(POLICY_NAMES)}"
            raise ValueError(f": there is no policy {name!r}; {near}")
        if severity not in {each.value for each in Severity}:
            raise ValueError(f".{name}: expected {' or '.join(each.value for each in Severity)}, not {severity!r}")
        found.append((name, Severity(severity)))
    return tuple(sorted(found))


def _of_generate(name: str) -> Callable[[object], object]:
    """Return a reader of ``generate_settings``, which is loaded when a project has such a setting: start-up time."""

    def read(value: object) -> object:
        from codezest_sql.core.python_code import settings as generate_settings  # noqa: PLC0415

        reader: Callable[[object], object] = getattr(generate_settings, name)
        return reader(value)

    return read


def _lint(value: object) -> tuple[tuple[str, LintSeverity], ...]:
    from codezest_sql.core.lint.settings import parse_lint  # noqa: PLC0415  # start-up time

    return parse_lint(value)


# What [tool.codezest-sql] may hold: how a value is read, and an example of one.
_SETTINGS: Mapping[str, tuple[Callable[[object], object], str]] = {
    "migrations": (_folder, '"sql/migrations"'),
    "queries": (_folder, '"sql/queries"'),
    "seeds": (_folder, '"sql/seeds"'),
    "lock_timeout": (_duration, '"2s"'),
    "lock_retry": (_duration, '"2s"'),
    "concurrent_timeout": (_duration, '"2s"'),
    "deployer_timeout": (_duration, '"2s"'),
    "order": (_order, '"number"'),
    "shadow_url": (_url, '"postgresql://me@localhost/postgres"'),
    "managed_partitions": (_names, '["public.events"]'),
    "ignore_schemas": (_names, '["extensions"]'),
    "dialect": (_dialects, '"sqlc"'),
    "policies": (_policies, '{ one-row = "error" }'),
    "lint": (_lint, '{ rename = "error" }'),
    "output": (_of_generate("parse_output"), '"shop/db"'),
    "initialisms": (_of_generate("parse_initialisms"), '["MCQ"]'),
    "model_names": (_of_generate("parse_model_names"), '{ "public.people" = "Person" }'),
    "json_types": (_of_generate("parse_json_types"), '{ "public.people.address" = "shop.types:Address" }'),
    "statistics": (_file, '"sql/statistics.json"'),
    "plans": (_file, '"sql/plans.json"'),
    "assumed_rows": (_rows, "1_000_000"),
    "large_table_rows": (_rows, "10_000"),
}
KNOWN_KEYS = tuple(_SETTINGS)


def _place_of_key(file: str, text: str, key: str, heading: str) -> Place:
    """Find ``key = …`` below the table's heading; the file as a whole where it is written otherwise."""
    inside = not heading
    own_table = f"{heading}.{key}" if heading else key
    for number, line in enumerate(text.split("\n"), start=1):
        place = Place(file, number, len(line) - len(line.lstrip()) + 1)
        if line.lstrip().startswith("["):
            inside = bool(heading) and line.strip().startswith(f"[{heading}")
            if line.strip().startswith((f"[{own_table}]", f"[{own_table}.")):
                return place
        match = re.match(r"\s*[\"']?" + re.escape(key) + r"[\"']?\s*[=.]", line)
        if inside and match:
            return place
    return Place(file)
