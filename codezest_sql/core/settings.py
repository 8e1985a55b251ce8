"""The settings of a project, as a value. Loaded from files by ``actions/settings.py``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias, cast, get_args

from codezest_sql.core.duration import parse_duration
from codezest_sql.core.source import Place, excerpt
from codezest_sql.core.suggestion import did_you_mean
from codezest_sql.errors import ProjectErrors, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

# What [tool.codezest-sql] may hold. Keys of later stages are known already, so that one configuration
# serves a project through all of them.
_FOLDERS = ("migrations", "queries")
_DURATIONS = ("lock_timeout", "lock_retry", "concurrent_timeout", "deployer_timeout")
_CHOICES = ("order",)
_LATER = ("output", "dialect", "shadow_url", "initialisms", "model_names", "json_types", "policies")
KNOWN_KEYS = (*_FOLDERS, *_DURATIONS, *_CHOICES, *_LATER)

# In which order files run that do not depend on each other; "auto" is as the tool does whose files they are.
Order: TypeAlias = Literal["auto", "name", "number"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a command needs to know of a project.

    Folders are absolute paths. Times are seconds: ``lock_timeout`` is how long one attempt waits for a lock
    on a table, ``lock_retry`` how long attempts go on, ``concurrent_timeout`` how long a statement that runs
    CONCURRENTLY may wait for older transactions, ``deployer_timeout`` how long to wait for another deployer.
    ``order`` is that of files that do not depend on each other.
    """

    root: str
    migrations: str
    queries: str
    lock_timeout: float = 2.0
    lock_retry: float = 60.0
    concurrent_timeout: float = 600.0
    deployer_timeout: float = 300.0
    order: Order = "auto"


def parse_settings(table: Mapping[str, object], defaults: Settings, *, file: str, text: str) -> Settings:
    """Return ``defaults`` with the values of the table ``[tool.codezest-sql]`` of ``file``.

    ``text`` is the file's whole text, used to point at a mistake. Folders are returned as written, relative
    to the file: the caller makes them absolute. Raises ``ProjectErrors`` with every unknown key and unusable
    value.
    """
    errors: list[SettingsError] = []

    def refuse(key: str, message: str, hint: str | None) -> None:
        place = _place_of_key(file, text, key)
        errors.append(SettingsError(message, place=place, hint=hint, source=excerpt(text, place)))

    for key in table:
        if key not in KNOWN_KEYS:
            hint = did_you_mean(key, KNOWN_KEYS) or f"known settings are {', '.join(KNOWN_KEYS)}"
            refuse(key, f"unknown setting {key!r}", hint)
    folders: dict[str, str] = {}
    for key in _FOLDERS:
        if key in table:
            value = table[key]
            if isinstance(value, str) and value.strip():
                folders[key] = value
            else:
                refuse(key, f"{key} must be the path of a folder", f'write {key} = "sql/{key}"')
    seconds: dict[str, float] = {}
    for key in _DURATIONS:
        if key in table:
            value = table[key]
            try:
                seconds[key] = parse_duration(value if isinstance(value, str) else repr(value))
            except ValueError as error:
                refuse(key, f"{key}: {error}", f'write {key} = "2s"')
    order = table.get("order", defaults.order)
    if order not in get_args(Order):
        refuse("order", f"order: {order!r} is none of auto, name and number", 'write order = "number"')
    if errors:
        raise ProjectErrors(errors)
    return replace(defaults, order=cast("Order", order), **folders, **seconds)  # type: ignore[arg-type]  # the keys are fields of these types


def _place_of_key(file: str, text: str, key: str) -> Place:
    """Find ``key = …`` below the table's heading; the file as a whole where it is written otherwise."""
    inside = False
    for number, line in enumerate(text.split("\n"), start=1):
        if line.lstrip().startswith("["):
            inside = line.strip().startswith("[tool.codezest-sql")
        match = re.match(r"\s*[\"']?" + re.escape(key) + r"[\"']?\s*=", line)
        if inside and match:
            return Place(file, number, len(line) - len(line.lstrip()) + 1)
    return Place(file)
