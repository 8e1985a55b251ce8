"""Every rule with its examples: the bad one breaks it, the good one breaks nothing that fails a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codezest_sql.core.lint.finding import Severity
from codezest_sql.core.lint.rule import NEXT_FILE
from codezest_sql.core.lint.rules import RULES
from tests.linting import lint

if TYPE_CHECKING:
    from codezest_sql.core.lint.finding import Finding
    from codezest_sql.core.lint.rule import Rule


def example(rule: Rule, text: str) -> list[Finding]:
    """Return what is found in an example, which may be several files."""
    parts = [part.strip() for part in text.split(NEXT_FILE)]
    return lint(rule.before, *parts, wanted=len(parts))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_bad_example_breaks_its_rule(rule: Rule) -> None:
    found = [each for each in example(rule, rule.bad) if each.code == rule.code]
    assert found
    assert all(each.place.line and each.place.column and each.hint and each.shown for each in found)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_good_example_keeps_it_and_breaks_nothing_else_that_fails(rule: Rule) -> None:
    found = example(rule, rule.good)
    assert [each for each in found if each.code == rule.code] == []
    assert [each.text() for each in found if each.severity is Severity.ERROR] == []


def test_every_rule_says_all_that_its_page_needs() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.title
        assert rule.meaning.endswith(".")
        assert rule.rewrite.endswith((".", "'."))
        assert rule.severity is not Severity.OFF
