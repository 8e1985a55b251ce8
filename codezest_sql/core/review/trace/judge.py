"""Compares the measurement with lint's predictions: confirmed, refuted, or added. Pure.

A rule that states that rows are rewritten or read is held against the counters of the server. Where it is right, the
finding counts as measured; where it is not, it stays as a note. What no rule predicted is a finding
too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from codezest_sql.core.lint.finding import Finding, Severity, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from codezest_sql.core.review.trace.measured import Measured
    from codezest_sql.place import Place

# The predictions of these rules can be measured: a table is rewritten or scanned while others wait.
CLAIMS = frozenset({
    "attach-without-check", "check-without-not-valid", "column-rewrite", "column-with-check",
    "column-with-foreign-key", "column-with-key",
    "domain-constraint", "foreign-key-without-not-valid", "index-without-concurrently", "key-without-index",
    "primary-key-over-nullable", "set-not-null", "stored-generated-column", "table-rebuild", "type-change-rewrite",
    "validate-in-same-transaction",
})  # fmt: skip
# These predict it too, in other terms.
_TELL = CLAIMS | {"refresh-without-concurrently", "reindex-without-concurrently", "table-copy", "truncate"}
_TELL_OF_WORK = frozenset({"backfill-beside-ddl", "while-locked", "validate-in-same-transaction"})
REWRITE, SCAN, WORK = "measured-rewrite", "measured-scan", "measured-while-locked"
TELL = _TELL | _TELL_OF_WORK | {REWRITE, SCAN, WORK}  # all that predict rewrites, scans and work


class Span(NamedTuple):
    """A statement in its file, from its first character to behind its last."""

    start: Place
    end: Place

    def holds(self, place: Place) -> bool:
        """Return whether a place is in the statement."""
        if place.file != self.start.file:
            return False
        return (self.start.line, self.start.column) <= (place.line, place.column) <= (self.end.line, self.end.column)


def judge(
    static: Iterable[Finding],
    measured: Sequence[tuple[Span, Measured]],
    *,
    server: str,
    ignored: Callable[[str, Place], bool],
) -> Iterator[Finding]:
    """Give the findings of the rules as the measurement leaves them, and what it alone found.

    ``server`` is where it was measured, "PostgreSQL 18.4"; ``ignored`` is whether the project has a reason to skip
    over a code at a statement: what was measured of it then is no news either.
    """
    told: dict[Span, set[str]] = {span: set() for span, _ in measured}
    for finding in static:
        at = next((each for each in measured if each[0].holds(finding.place)), None)
        if at is None:
            yield finding
            continue
        told[at[0]].add(finding.code)
        yield _judged(finding, at[1], server)
    for span, seen in measured:
        known = told[span] | {code for code in _TELL | _TELL_OF_WORK if ignored(code, span.start)}
        yield from _news(seen, known)


def _judged(finding: Finding, seen: Measured, server: str) -> Finding:
    if finding.code not in CLAIMS:
        return finding
    if seen.rewritten or seen.scanned or seen.rebuilt:
        return replace(finding, source=Source.MEASURED)
    message = f"{finding.message}; measured on {server} it does not"
    return replace(finding, source=Source.MEASURED, severity=Severity.NOTE, message=message, hint="")


def _news(seen: Measured, known: set[str]) -> Iterator[Finding]:
    if not known & _TELL:
        if seen.rewritten:
            tables = ", ".join(seen.rewritten)
            hint = "make the new form next to the old one, fill it in batches, then let one take the other's place"
            message = f"rewrites {tables} while {_who(seen)}"
            yield Finding(REWRITE, Severity.ERROR, seen.place, message, hint, Source.MEASURED)
        elif seen.scanned:
            tables = ", ".join(seen.scanned)
            hint = "use the form that allows writes meanwhile: NOT VALID and VALIDATE later, or CONCURRENTLY"
            message = f"scans {tables} while {_who(seen)}"
            yield Finding(SCAN, Severity.ERROR, seen.place, message, hint, Source.MEASURED)
    if seen.works_while_held and not known & (_TELL | _TELL_OF_WORK):
        message = (
            f"takes time while {', '.join(seen.held)} is locked with ACCESS EXCLUSIVE, until the transaction ends"
        )
        hint = "give it a file of its own, before or after"
        yield Finding(WORK, Severity.WARNING, seen.place, message, hint, Source.MEASURED)


def _who(seen: Measured) -> str:
    return "; ".join(each.words for each in seen.blocked) or "others wait for locks taken before"
