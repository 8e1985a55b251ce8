"""The schema that ``--bundled`` names. Imports no Typer: the plainest command lines run without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codezest_sql.core.settings import PackagedSchema


def packaged_if(bundled: bool) -> PackagedSchema | None:
    """Return the CodeZest schema for ``--bundled``; None without the option."""
    if not bundled:
        return None
    from codezest_sql.platform.packaged_schema import packaged_schema

    return packaged_schema()
