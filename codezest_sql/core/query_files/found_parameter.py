"""A parameter in the text, in both dialects: its offset and its name."""

from __future__ import annotations

from typing import NamedTuple


class FoundParameter(NamedTuple):
    """``text[start:end]`` means a parameter.

    ``before`` and ``after`` are SQL that is written around its ``$n``. ``number`` is the n of sqlc's ``$n``, which
    the server's tree gives a name later.
    """

    start: int
    end: int
    name: str
    nullable: bool = False
    is_list: bool = False
    before: str = ""
    after: str = ""
    number: int = 0


class FoundMistake(NamedTuple):
    """What is wrong with something that is no usable parameter, and how to write it."""

    start: int
    message: str
    hint: str


class FoundEmbed(NamedTuple):
    """``text[start:end]`` is ``sqlc.embed(table)``, where ``table`` is the name as written."""

    start: int
    end: int
    table: str
    item: int
