"""The nearest known word to one that was mistyped."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like ``word``, or None where nothing is alike (similarity under 0.7)."""
    import difflib  # noqa: PLC0415  # start-up time: only a mistake needs it

    matches = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.7)
    return matches[0] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return ``did you mean …?`` with the nearest known word, or None."""
    match = nearest(word, known)
    return f"did you mean {match}?" if match else None
