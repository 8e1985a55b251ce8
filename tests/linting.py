"""Lints texts as if they were the migrations of a folder, without a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.lint.finding import Severity
from codezest_sql.core.lint.rule import FileFacts
from codezest_sql.core.lint.run import LintFile, lint_files
from codezest_sql.core.lint.settings import Severities
from codezest_sql.core.migrations.files.layout import Layout
from codezest_sql.core.migrations.files.script import read_text

if TYPE_CHECKING:
    from codezest_sql.core.lint.finding import Finding


def lint(*texts: str, wanted: int = 1) -> list[Finding]:
    """Return what is found in the last ``wanted`` of these migrations."""
    files = []
    for number, text in enumerate(texts):
        script = read_text(text, file=f"{number}.sql").script
        facts = FileFacts(
            f"{number}.sql",
            text,
            script.transactional,
            rollback="rollback file" in text,
            layout=Layout.PLAIN,
            lock_timeout=script.lock_timeout,
        )
        files.append(LintFile(facts, script.statements, wanted=number >= len(texts) - wanted))
    return list(lint_files(files, Severities()))


def codes(*texts: str) -> set[str]:
    """Return the codes of the errors and warnings in the last of these migrations, but that no rollback is there."""
    return {
        each.code for each in lint(*texts) if each.severity is not Severity.NOTE and each.code != "missing-rollback"
    }
