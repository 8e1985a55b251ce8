"""Count the turns of phrase for which the field has a term: ``python -m tools.plain_words [--list] FILE…``.

For Python files it reads docstrings, comments and strings; for SQL files the comments; of other files the whole text
outside of code blocks. A line with ``plain-words: off`` is not read. Prints, for each file, the number of turns, the
number of words, and turns per 1,000 words; ``--list`` prints each turn with its place and its replacement.
"""

from __future__ import annotations

import io
import re
import sys
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

# Each turn, as a regular expression, and what to write. The source is CONTRIBUTING.md, "Plain technical English".
TURNS: tuple[tuple[str, str], ...] = (
    (r"\banew\b", "again, re-"),
    (r"\bmade[- ]up\b", "dummy"),
    (r"\bthrow-?away\b", "temporary"),
    (r"\bbesides?\b", "next to, alongside, against"),
    (r"\b(tells?|told|telling)\b", "reports, prints, shows, names"),
    (r"\bsays?\b", "reports, states, means"),
    (r"\bsaid\b", "stated, reported"),
    (r"\bways? out\b", "fix, hint"),
    (r"\bis none of\b", "expected a or b"),
    (r"\b(fast|cursor) way\b", "prepared path, cursor path"),
    (r"\b(two|both|sync|async) faces?\b", "sync and async API"),
    (r"\bdeeds?\b", "effect"),
    (r"\bproven\b", "verified, inferred"),
    (r"\bpass(ed|es)? over\b", "skipped"),
    (r"\bin silence\b", "silently"),
    (r"\bpeople who\b", "users who"),
    (r"\bnobody\b", "no user, no session"),
    (r"\bsomebody\b", "a user, another session"),
    (r"\bof its own accord\b", "automatically"),
    (r"\b(of|by) (itself|themselves)\b", "automatically, alone"),
    (r"\bcomes? to be\b", "is created"),
    (r"\bforetells?\b", "predicts"),
    (r"\bwithout a word\b", "silently"),
    (r"\bin other words\b", "that is"),
    (r"\bwhereof|thereof|therein|hereby|wherever\b", "of which, in it, where"),
    (r"\bstands? (in|for|at|on|there|before|behind|alone)\b", "is in, means"),
    (r"\bis to be\b", "must be"),
    (r"\blooks? for\b.*\bin vain\b", "does not find"),
    (r"\bin vain\b", "without effect"),
    (r"\bat the same time as\b", "while"),
    (r"\bis at an end\b", "ends"),
    (r"\bgave way\b", "timed out"),
    (r"\bcarries? on\b", "continues"),
    (r"\bgoes? on\b", "continues"),
    (r"\bwhose (turn|word)\b", "…"),
    (r"\bwords? for people\b", "messages"),
    (r"\btake[sn]? (it|them|this|that)? ?for granted\b", "assumes"),
    (r"\btakes? for\b", "reads as"),
    (r"\bas it (was|is) (then|now)\b", "…"),
    (r"\bthis much\b|\bhow much of\b", "…"),
    (r"\bread whole\b|\bread as a whole\b", "sequential scan"),
    (r"\bin the queue behind\b", "blocked by"),
    (r"\bfor good\b", "permanently"),
    (r"\bno more\b", "no longer"),
    (r"\bspoken reason\b", "stated reason"),
    (r"\bto its end\b", "to completion"),
    (r"\ba word about\b|\bworth a word\b", "…"),
    (r"\blet (it|them) be\b", "leave"),
    (r"\bdoubts?\b", "warning, ambiguity"),
    (r"\bstrangers?\b", "unknown file, untrusted branch"),
    (r"\bmistakes?\b(?= of every)", "errors"),
)
_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), instead) for pattern, instead in TURNS)
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]+")


class Turn(NamedTuple):
    """One turn of phrase, where it is, and what to write."""

    line: int
    text: str
    instead: str


def turns(lines: list[tuple[int, str]]) -> list[Turn]:
    """Return the turns in the lines of a text, each line with its number from 1."""
    return [
        Turn(number, found[0], instead)
        for number, line in lines
        if "plain-words: off" not in line
        for pattern, instead in _PATTERNS
        for found in pattern.finditer(line)
    ]


def words(lines: list[tuple[int, str]]) -> int:
    """Return how many words the lines have."""
    return sum(len(_WORD.findall(line)) for _, line in lines)


def prose(path: Path) -> list[tuple[int, str]]:
    """Return the lines of a file that a person reads as English, with their numbers from 1."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        return list(_of_python(text))
    if path.suffix == ".sql":
        return [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.lstrip().startswith("--")]
    return list(_of_markdown(text))


def _of_python(text: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.COMMENT, tokenize.STRING):
            # Names are code: in double backticks, and in the braces of an f-string.
            text = re.sub(r"``[^`]*``|\{[^{}]*\}", "", token.string)
            yield from enumerate(text.split("\n"), token.start[0])


def _of_markdown(text: str) -> Iterator[tuple[int, str]]:
    fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        mark = re.match(r"\s*(```+|~~~+)", line)
        if mark and not fence:
            fence = mark[1]
        elif mark and line.strip() == fence:
            fence = ""
        elif not fence:
            yield number, re.sub(r"`[^`]*`|<!--.*?-->", "", line)


def main() -> None:
    """Print the count of each file of the command line, and of all."""
    arguments = [each for each in sys.argv[1:] if each != "--list"]
    total, total_words = 0, 0
    for name in arguments:
        lines = prose(Path(name))
        found, number = turns(lines), words(lines)
        total, total_words = total + len(found), total_words + number
        if found and "--list" in sys.argv:
            for turn in found:
                print(f"{name}:{turn.line}: {turn.text} → {turn.instead}")
    print(f"{total} turns in {total_words} words: {1000 * total / max(total_words, 1):.2f} per 1,000")


if __name__ == "__main__":
    main()
