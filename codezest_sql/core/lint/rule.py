"""What a rule is: data, and one pure function over what is known where a statement stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from codezest_sql.core.ddl.changes import Effect
    from codezest_sql.core.ddl.read import Read
    from codezest_sql.core.ddl.schema_so_far import State
    from codezest_sql.core.lint.finding import Severity
    from codezest_sql.core.migrations.files.layout import Layout


class Found(NamedTuple):
    """Where in the file's text a rule is broken, and how; ``hint`` is the rule's own where it is empty."""

    offset: int
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The file that a statement is in. ``undoes`` for a rollback; ``rollback`` where it has one or needs none."""

    file: str
    text: str
    transactional: bool = True
    undoes: bool = False
    rollback: bool = True
    layout: Layout | None = None
    lock_timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What a rule looks at: a statement, what is there before it, and what its transaction did so far.

    ``locked`` are the tables that earlier statements lock, ``held`` those that no other session can even read.
    """

    read: Read
    file: FileFacts
    state: State
    before: Sequence[Read] = ()
    held: Collection[str] = ()
    locked: Collection[str] = ()

    @property
    def effect(self) -> Effect | None:
        """Return what the statement does."""
        return self.read.effect

    def is_new(self, table: str) -> bool:
        """Return whether this very file made the table."""
        return self.state.is_new(table, self.file.file)


@dataclass(frozen=True, slots=True)
class WholeFile:
    """What a rule of files looks at: all statements, and what is there after them."""

    file: FileFacts
    reads: tuple[Read, ...]
    state: State


Find: TypeAlias = "Callable[[Look], Iterator[Found]]"
FindInFile: TypeAlias = "Callable[[WholeFile], Iterator[Found]]"

# In an example: what stands above it is another file, which runs before.
NEXT_FILE = "-- the next migration"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its name, what is wrong and why, the hint, and an example of either way.

    ``before`` is what earlier migrations made, for the examples. ``squawk`` are squawk's equivalent rules.
    A rule is not asked about files that undo something unless ``rollbacks``.
    """

    code: str
    title: str
    meaning: str
    rewrite: str
    severity: Severity
    bad: str
    good: str
    before: str = ""
    find: Find | None = None
    find_in_file: FindInFile | None = None
    squawk: tuple[str, ...] = ()
    rollbacks: bool = False
