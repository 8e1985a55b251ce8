"""The options that choose folder, database and schema: declared once, for every command of ``migrate``."""

from __future__ import annotations

import functools
import inspect
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import typer

from codezest_sql.cli.options import (
    BundledOption,
    DatabaseOption,
    MigrationsOption,
    SchemaOption,
    WaitOption,
)
from codezest_sql.cli.packaged import packaged_if
from codezest_sql.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from codezest_sql.actions.project.target import Target

_OPTIONS: dict[str, tuple[Any, object]] = {
    "migrations": (MigrationsOption, None),
    "database_url": (DatabaseOption, None),
    "bundled": (BundledOption, False),
    "schema": (SchemaOption, None),
    "wait": (WaitOption, None),
}


@dataclass(frozen=True, slots=True)
class TargetOptions:
    """Which folder, database and schema a command works on, and how long it waits for another deployer."""

    migrations: Path | None = None
    database_url: str | None = None
    bundled: bool = False
    schema: str | None = None
    wait: str | None = None

    def inside(self, outer: TargetOptions) -> TargetOptions:
        """Return these options; those that are absent are the ones that were written before the command's name."""
        return replace(
            self,
            migrations=self.migrations or outer.migrations,
            database_url=self.database_url if self.database_url is not None else outer.database_url,
            bundled=self.bundled or outer.bundled,
            schema=self.schema if self.schema is not None else outer.schema,
        )

    def target(self, *, frozen: bool = False, trust_migrations: bool = False) -> Target:
        """Return what the command works on. Raises what ``make_target`` raises."""
        from codezest_sql.actions.project.target import make_target

        return make_target(
            migrations=self.migrations,
            database_url=self.database_url,
            packaged=packaged_if(self.bundled),
            schema=self.schema,
            wait=self.wait,
            frozen=frozen,
            trust_migrations=trust_migrations,
        )


def with_target_options(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the named options of ``TargetOptions``, in place of its parameter ``options``.

    The command receives them as one value, completed by those that are given before its name (``context.obj`` of the
    group). Without ``bundled``, the packaged schema is refused with ``UsageError``.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def run(context: typer.Context, **values: Any) -> None:
            own = TargetOptions(**{name: values.pop(name, _OPTIONS[name][1]) for name in names})
            outer: TargetOptions = context.obj or TargetOptions()
            if outer.bundled and "bundled" not in names:
                raise UsageError(
                    f"--bundled is not for {context.info_name}: the CodeZest schema inside this package is only read",
                    hint="it is for up, down, status, plan and verify",
                )
            command(**values, options=own.inside(outer))

        signature = inspect.signature(command, eval_str=True)
        parameters = [inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)]
        for name, parameter in signature.parameters.items():
            if name != "options":
                parameters.append(parameter)
                continue
            parameters += [
                inspect.Parameter(
                    option,
                    inspect.Parameter.KEYWORD_ONLY,
                    default=_OPTIONS[option][1],
                    annotation=_OPTIONS[option][0],
                )
                for option in names
            ]
        run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]  # Typer reads it
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return decorate
