"""The documents tell of every error, command, setting, exit code, recipe and layer, and of none that is not there."""

from __future__ import annotations

import inspect
import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from dotenv import dotenv_values

from codezest_sql import errors
from codezest_sql.actions.project.settings import DEFAULT_MIGRATIONS, DEFAULT_QUERIES
from codezest_sql.cli.pages.commands import help_pages
from codezest_sql.cli.pages.rules import rule_pages
from codezest_sql.core.migrations.files.directives import KNOWN_DIRECTIVES
from codezest_sql.core.query_checks.policies import POLICIES
from codezest_sql.core.query_checks.policy_names import POLICY_NAMES
from codezest_sql.core.query_plans.findings import PLAN_POLICIES
from codezest_sql.core.settings import KNOWN_KEYS, Settings
from codezest_sql.core.text.duration import parse_duration
from codezest_sql.errors import CodezestError, ExitCode
from tests.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

README = (ROOT / "README.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
MIGRATIONS = (ROOT / "docs" / "migrations.md").read_text("utf-8")
PLANS = (ROOT / "docs" / "plans.md").read_text("utf-8")
QUERIES = (ROOT / "docs" / "queries.md").read_text("utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
# Reached from docs/features.md.
SERVICE_PAGES = sorted((ROOT / "docs" / "services").glob("*.md"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def rows(text: str) -> list[list[str]]:
    """Return the cells of every row of every table of a document, headings included."""
    lines = (line for line in text.splitlines() if line.startswith("|") and not line.startswith("|-"))
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def section(text: str, title: str) -> str:
    """Return what stands below a heading of the second level."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def test_every_error_code_is_documented_with_its_exit_code() -> None:
    """Either way: no code is missing, and none is told of that no error has."""
    classes = [found for _, found in inspect.getmembers(errors, inspect.isclass) if issubclass(found, CodezestError)]
    documented = {
        row[0].strip("`"): row[1] for row in rows((ROOT / "docs" / "errors.md").read_text("utf-8")) if len(row) == 4
    }
    del documented["code"]
    assert documented == {found.code: str(int(found.exit_code)) for found in classes}


def test_no_two_errors_share_a_code() -> None:
    classes = {found for _, found in inspect.getmembers(errors, inspect.isclass) if issubclass(found, CodezestError)}
    assert len({found.code for found in classes}) == len(classes)


def test_the_page_of_commands_is_what_help_says() -> None:
    """``make docs`` rewrites it."""
    assert (ROOT / "docs" / "commands.md").read_text("utf-8") == help_pages()


def test_the_page_of_rules_is_what_the_rules_say() -> None:
    """``make docs`` rewrites it."""
    assert (ROOT / "docs" / "rules.md").read_text("utf-8") == rule_pages()


def test_every_exit_code_is_in_the_readme() -> None:
    documented = {(row[0], row[1]) for row in rows(section(README, "Exit codes"))} - {("code", "name")}
    assert documented == {(str(int(code)), code.name.lower()) for code in ExitCode}


def test_every_setting_is_documented_with_its_default() -> None:
    text = section(MIGRATIONS, "Settings")
    table = {row[0].strip("`"): row[1].strip("`") for row in rows(text)}
    del table["setting"]
    defaults = Settings(root="", migrations="", queries="")
    folders = {"migrations", "queries"}
    assert {name: table[name] for name in folders} == {"migrations": DEFAULT_MIGRATIONS, "queries": DEFAULT_QUERIES}
    others = {"order": "auto", "shadow_url": "none", "managed_partitions": "[]", "ignore_schemas": "[]"}
    others |= {"dialect": "native", "policies": "{}", "lint": "{}"}
    others |= {"output": "none", "initialisms": "[]", "model_names": "{}", "json_types": "{}"}
    others |= {
        name: str(getattr(defaults, name))
        for name in ("seeds", "statistics", "plans", "assumed_rows", "large_table_rows")
    }
    assert {name: table[name] for name in others} == others
    assert (defaults.order, defaults.shadow_url) == ("auto", None)
    assert not defaults.managed_partitions + defaults.ignore_schemas + defaults.policies + defaults.lint
    assert (defaults.dialect.of("x.sql"), defaults.output) == ("native", None)
    assert not defaults.initialisms + defaults.model_names + defaults.json_types
    durations = {name: parse_duration(value) for name, value in table.items() if name not in folders | others.keys()}
    assert durations == {name: getattr(defaults, name) for name in durations}
    assert set(table) == set(KNOWN_KEYS)
    options = {"root", "file", "bundled", "frozen", "trust_migrations"}
    assert set(durations) == set(Settings.__dataclass_fields__) - options - folders - others.keys()


def test_every_policy_is_documented_with_its_default() -> None:
    table = {row[0].strip("`"): row[2].strip("`") for row in rows(section(QUERIES, "Policies"))}
    del table["policy"]
    assert table == {policy.name: policy.default.value for policy in POLICIES}


def test_every_policy_of_plans_is_documented_with_its_default() -> None:
    table = {row[0].strip("`"): row[2].strip("`") for row in rows(section(PLANS, "Policies"))}
    del table["policy"]
    assert table == PLAN_POLICIES
    assert (*(policy.name for policy in POLICIES), *PLAN_POLICIES) == POLICY_NAMES


def test_every_header_of_a_migration_is_documented() -> None:
    documented = {row[0].strip("`").split(":")[0].removeprefix("-- ") for row in rows(section(MIGRATIONS, "Headers"))}
    assert documented == {"header", *KNOWN_DIRECTIVES}


def test_every_recipe_of_make_is_documented() -> None:
    recipes = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    documented = set(re.findall(r"^\| `make ([a-z-]+)` \|", page, re.MULTILINE))
    assert documented == recipes - {"help"}


def test_every_extra_and_every_base_dependency_is_in_the_readme() -> None:
    table = {row[0].strip("`"): row[1] for row in rows(section(README, "Install"))}
    extras = PROJECT["project"]["optional-dependencies"]
    assert set(table) == {"what is installed", "codezest-sql", *(f"codezest-sql[{extra}]" for extra in extras)}
    for dependency in PROJECT["project"]["dependencies"]:
        name = re.match(r"[A-Za-z-]+", dependency)
        assert name
        assert name[0] in table["codezest-sql"]


def test_the_layers_of_the_architecture_are_those_of_the_contract() -> None:
    line = next(line for line in ARCHITECTURE.splitlines() if line.startswith("`__main__` →"))
    contract = PROJECT["tool"]["importlinter"]["contracts"][0]
    assert [layer.strip("` ") for layer in line.split("→")] == contract["layers"]


@pytest.mark.parametrize("service", ["auth", "learning", "payments", "notifications", "activity"])
def test_the_page_of_the_platform_names_what_each_service_owns_reads_and_asks(service: str) -> None:
    platform = (ROOT / "docs" / "platform.md").read_text("utf-8")
    found = re.search(rf"^### {service}\n(.*?)(?=^##|\Z)", platform, re.MULTILINE | re.DOTALL)
    assert found
    table = {row[0]: row[1] for row in rows(found[1])}
    assert {"owns", "reads of others", "asks of others"} <= set(table)
    assert table["owns"].startswith(f"`{service}`")
    assert "password_hash" not in table["reads of others"]


def test_every_document_is_reached_from_the_readme() -> None:
    assert {path for path in DOCUMENTS if str(path.relative_to(ROOT)) not in README} == {ROOT / "README.md"}


@pytest.mark.parametrize("document", [*DOCUMENTS, *SERVICE_PAGES], ids=lambda path: path.name)
def test_no_link_leads_nowhere(document: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8")):
        name, _, anchor = target.partition("#")
        if "://" in target:
            continue
        path = document.parent / name if name else document
        if not path.exists() or (anchor and anchor not in anchors(path.read_text("utf-8"))):
            broken.append(target)
    assert broken == []


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub makes of the headings of a document."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_example_of_an_env_file_names_what_is_read() -> None:
    """Copied as it is, it chooses no database."""
    assert dotenv_values(ROOT / ".env.example") == {"DIRECT_URL": "", "DATABASE_URL": "", "MONGODB_URI": ""}


def test_every_variable_of_the_environment_is_documented() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "codezest_sql").rglob("*.py"))
    read = set(re.findall(r"\bCODEZEST_[A-Z_]+\b", code))
    documented = "\n".join(path.read_text("utf-8") for path in DOCUMENTS)
    assert {name for name in read if name not in documented} == set()
    assert "CODEZEST_PG_BINDIR" in read


def test_the_changelog_has_a_place_for_what_comes() -> None:
    assert "\n## [Unreleased]\n" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_every_test_that_a_document_names_exists() -> None:
    named = {name for path in DOCUMENTS for name in re.findall(r"\btests/[\w/]+\.py\b", path.read_text("utf-8"))}
    assert {name for name in named if not (ROOT / name).exists()} == set()
    assert named
