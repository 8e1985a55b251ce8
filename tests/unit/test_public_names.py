"""Every public name is where its package states that it is: they are imported late, so nothing else would notice."""

from __future__ import annotations

import pytest

import codezest_sql
import codezest_sql.runtime


@pytest.mark.parametrize("package", [codezest_sql, codezest_sql.runtime], ids=lambda package: package.__name__)
def test_every_public_name_can_be_imported(package: object) -> None:
    names: list[str] = getattr(package, "__all__")  # noqa: B009  # of a module given as an object
    assert names
    assert [name for name in names if not hasattr(package, name)] == []
