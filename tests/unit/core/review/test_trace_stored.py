"""What was measured comes back from the cache as it was."""

from __future__ import annotations

import json

import pytest

from codezest_sql.core.review.trace.measured import Blocked, Locked, LockMode, Measured
from codezest_sql.core.review.trace.stored import read_measured, write_measured
from codezest_sql.place import Place

FULL = Measured(
    Place("1.sql", 2, 3),
    locks=(Locked("s.a", LockMode.ACCESS_EXCLUSIVE), Locked("s.b", LockMode.SHARE, granted=False)),
    blocked=(Blocked("s.a", ("SELECT", "writes")),),
    rewritten=("s.a",),
    scanned=("s.b",),
    read=("s.c",),
    written=("s.d",),
    rebuilt=("s.i",),
    held=("s.e", "s.f"),
    stops=2,
    notes=("a note",),
    reasons=(("s.a", "a column's type changes"),),
)


@pytest.mark.parametrize("measured", [FULL, Measured(Place("1.sql", 1, 1))])
def test_it_comes_back_as_it_was(measured: Measured) -> None:
    assert read_measured(json.loads(json.dumps(write_measured(measured)))) == measured


def test_what_another_version_has_written_is_refused() -> None:
    said = write_measured(FULL)
    del said["reasons"]
    with pytest.raises(KeyError):
        read_measured(said)
