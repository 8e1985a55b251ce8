"""The names and severities of policies: the values of the configuration. The rules are in ``policies``."""

from __future__ import annotations

from enum import StrEnum

POLICY_NAMES = (
    "select-star",
    "where",
    "updated-at",
    "one-row",
    "soft-delete",
    "user-scope",
    "docstring",
    "sequential-scan",
    "missing-index",
    "cost",
)


class Severity(StrEnum):
    """What a broken rule means for the command's exit code."""

    OFF = "off"
    WARNING = "warning"
    ERROR = "error"
