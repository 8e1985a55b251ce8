"""Findings for the terminal, for programs, and for the places where a forge shows them. Pure.

SARIF is 2.1.0 (OASIS), as GitHub's code scanning reads it. GitLab's is its "Code Quality report".
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from codezest_sql.core.lint.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from codezest_sql.core.lint.finding import Finding
    from codezest_sql.core.text.json_value import Json

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_GITLAB_SEVERITY = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTE: "info"}


class Format(StrEnum):
    """How findings are printed."""

    TERMINAL = "terminal"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    GITLAB = "gitlab"


@dataclass(frozen=True, slots=True)
class RuleText:
    """The description of a rule in an output format: its title, its meaning, a link."""

    title: str
    meaning: str
    url: str = ""


def render(
    findings: Sequence[Finding],
    form: Format,
    *,
    summary: str = "",
    version: str = "",
    rules: Mapping[str, RuleText] | None = None,
) -> str:
    """Return all findings in one of the formats, without a line end; ``summary`` is the terminal's last line."""
    if form is Format.JSON:
        return json.dumps(findings_json(findings), indent=2, ensure_ascii=False)
    if form is Format.SARIF:
        return json.dumps(sarif(findings, version=version, rules=rules or {}), indent=2, ensure_ascii=False)
    if form is Format.GITLAB:
        return json.dumps(gitlab(findings), indent=2, ensure_ascii=False)
    if form is Format.GITHUB:
        return "\n".join([*(each.annotation() for each in findings), *([summary] if summary else [])])
    return "\n".join([*(each.text() for each in findings), *([summary] if summary else [])])


def findings_json(findings: Iterable[Finding]) -> dict[str, Json]:
    """Return the findings for programs, by severity."""
    said: dict[str, list[Json]] = {"errors": [], "warnings": [], "notes": []}
    for each in findings:
        said[f"{each.severity.value}s"].append(each.json())
    return {**said}


def sarif(findings: Iterable[Finding], *, version: str, rules: Mapping[str, RuleText]) -> dict[str, Json]:
    """Return a SARIF log of one run. Columns are code points, as ours are."""
    found = list(findings)
    codes = list(dict.fromkeys(each.code for each in found))
    results: list[Json] = []
    for each, fingerprint in zip(found, _fingerprints(found), strict=True):
        result: dict[str, Json] = {
            "ruleId": each.code,
            "ruleIndex": codes.index(each.code),
            "level": _SARIF_LEVEL[each.severity],
            "message": {"text": f"{each.message}\n{each.hint}" if each.hint else each.message},
            "partialFingerprints": {"codezestSql/v1": fingerprint},
        }
        if each.place.file:
            location: dict[str, Json] = {"artifactLocation": {"uri": _uri(each.place.file)}}
            if each.place.line:
                location["region"] = {"startLine": each.place.line, "startColumn": max(each.place.column, 1)}
            result["locations"] = [{"physicalLocation": location}]
        results.append(result)
    described: list[Json] = [_sarif_rule(code, rules.get(code)) for code in codes]
    driver: dict[str, Json] = {"name": "codezest-sql", "version": version or "0", "rules": described}
    run: dict[str, Json] = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def gitlab(findings: Iterable[Finding]) -> list[Json]:
    """Return a Code Quality report. A finding without a file has none to be shown in, and is left out."""
    found = [each for each in findings if each.place.file]
    return [
        {
            "description": f"{each.message} ({each.hint})" if each.hint else each.message,
            "check_name": each.code,
            "fingerprint": fingerprint,
            "severity": _GITLAB_SEVERITY[each.severity],
            "location": {"path": each.place.file, "lines": {"begin": max(each.place.line, 1)}},
        }
        for each, fingerprint in zip(found, _fingerprints(found), strict=True)
    ]


def summary_line(findings: Sequence[Finding], what: str) -> str:
    """Return ``what`` was looked at, and how many findings there are of each severity."""
    counts = Counter(each.severity for each in findings)
    said = [
        f"{counts[severity]} {severity.value}{'' if counts[severity] == 1 else 's'}"
        for severity in (Severity.ERROR, Severity.WARNING, Severity.NOTE)
        if counts[severity]
    ]
    return f"{what}: {', '.join(said) if said else 'all right'}"


def _sarif_rule(code: str, text: RuleText | None) -> Json:
    rule: dict[str, Json] = {"id": code}
    if text:
        rule["shortDescription"] = {"text": text.title}
        rule["fullDescription"] = {"text": text.meaning}
        if text.url:
            rule["helpUri"] = text.url
    return rule


def _fingerprints(findings: Iterable[Finding]) -> list[str]:
    """Return a fingerprint that stays when lines are added above: file, code, text, number."""
    seen: Counter[tuple[str, ...]] = Counter()
    said: list[str] = []
    for each in findings:
        line = each.shown.partition("|")[2].partition("\n")[0].strip()
        key = (each.place.file, each.code, each.message, line)
        said.append(hashlib.sha256("\0".join((*key, str(seen[key]))).encode(errors="surrogateescape")).hexdigest())
        seen[key] += 1
    return said


def _uri(file: str) -> str:
    """Return a path as a relative reference (RFC 3986): what a segment may not hold is written in percent."""
    from urllib.parse import quote  # noqa: PLC0415  # start-up time

    return quote(file, errors="surrogateescape")
