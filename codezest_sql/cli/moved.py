"""Commands at the place that they had in 1.0.0: each names its new place and runs nothing."""

from __future__ import annotations

from typing import Annotated

import typer

from codezest_sql.errors import UsageError


def partitions(
    words: Annotated[list[str] | None, typer.Argument(hidden=True, help="Its words, as in 1.0.0.")] = None,
) -> None:
    """Moved to `codezest-sql platform partitions`."""
    command = " ".join(["codezest-sql platform partitions", *(words or ())])
    raise UsageError("partitions has moved", hint=f"run {command}")
