"""The migrations of a release never change: databases in use have run them.

A migration that a release brings is added here after it. That a hash is wrong here is no reason to change it:
put the file back, and write what is to change into a new one.
"""

from __future__ import annotations

from hashlib import sha256

import pytest

from tests.paths import ROOT

MIGRATIONS = ROOT / "sql" / "migrations"
FROZEN = {
    # 1.0.0
    "0001_foundations.sql": "adc89c6a91c8ded8b5e3cc26877057656d129c3f863d37aa21a00ba16e9e57ac",
    "0002_auth.sql": "4d11e7ecadace3ce2a524d64741840dc060e794c66bca623ac88980595aa335f",
    "0003_learning_catalogue.sql": "17c93f7c1ca4a1ce3bc72f69d6f3ddd048dd6e7e3fe638ad35670018149e4b61",
    "0004_learning_progress.sql": "c16b91d2b9c5bb3eb0ea1604d47d6edca7d3e1f760ac3eb737570b3fc705965b",
    "0005_learning_assessment.sql": "45beabc560dc12201d9f816a4dbd6a49ebb69484fb4fb60b2c69a111c3d02e55",
    "0006_payments.sql": "5256ba5749b25f2bbd38412effac369e6167ed2842ecd19a9a8059371c76da45",
    "0007_notifications.sql": "7157d66dc608923803dbb3afcb565cee3449846fc1328e3bb7c2ca221489caad",
    "0008_activity.sql": "a6a62153e09eb1cba1c73ddf1a0ecb6a131d2cb8647c36128808344d3afa8358",
}


@pytest.mark.parametrize("name", FROZEN)
def test_a_migration_of_a_release_is_as_it_was(name: str) -> None:
    """The hash of its bytes; a database knows that of its text, which survives another ending of lines."""
    assert sha256((MIGRATIONS / name).read_bytes()).hexdigest() == FROZEN[name]


def test_new_migrations_come_after_those_of_a_release() -> None:
    """Everywhere, the released ones have been applied before."""
    names = sorted(path.name for path in MIGRATIONS.glob("*.sql") if not path.name.endswith(".rollback.sql"))
    assert names[: len(FROZEN)] == sorted(FROZEN)
