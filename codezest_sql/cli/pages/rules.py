"""All rules of ``lint`` as one Markdown page. ``python -m codezest_sql.cli.pages.rules`` prints it.

``docs/rules.md`` is this text, and a test compares both.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from codezest_sql.core.lint.rules import FAMILIES
from codezest_sql.core.lint.schema.rules import SCHEMA_RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.lint.rule import Rule

_HEADING = """
# Rules

What `codezest-sql lint` looks for by itself, made from the rules by `make docs`; [lint](lint.md) tells how it is run
and how a rule is set or ignored. Each example is a test. *Before* is what earlier migrations made: a rule about locks
is silent on a table that the same file makes.
"""
_SCHEMA = """
## The schema's own rules

Checked by `codezest-sql migrate test` from the catalog, once all migrations ran. They are a house's design, and off
unless the project says otherwise: `schema = "error"` in `[tool.codezest-sql.lint]` sets all of them.

| code | what it asks for |
|---|---|
"""


def rule_pages() -> str:
    """Return the page."""
    lines = [_HEADING.strip(), "", "| code | what it finds | severity |", "|---|---|---|"]
    lines += [
        f"| [`{rule.code}`](#{rule.code}) | {rule.title} | {rule.severity.value} |"
        for _, rules in FAMILIES
        for rule in rules
    ]
    for name, rules in FAMILIES:
        lines += ["", f"## {name}"]
        for rule in rules:
            lines += ["", *_section(rule)]
    lines += ["", _SCHEMA.strip()]
    lines += [f"| `{rule.code}` | {rule.summary} |" for rule in SCHEMA_RULES]
    return "\n".join(lines) + "\n"


def _section(rule: Rule) -> Iterator[str]:
    yield f"### {rule.code}"
    yield ""
    yield f"{rule.title} ({rule.severity.value}). {rule.meaning}"
    yield ""
    yield f"**Instead:** {rule.rewrite}"
    if rule.squawk:
        yield ""
        yield f"Takes the place of squawk's {', '.join(f'`{name}`' for name in rule.squawk)}."
    for title, text in (("Before", rule.before), ("Wrong", rule.bad), ("Right", rule.good)):
        if text:
            yield ""
            yield f"{title}:"
            yield ""
            yield "```sql"
            yield text
            yield "```"


if __name__ == "__main__":
    sys.stdout.write(rule_pages())
