"""The formats in which findings are printed."""

from __future__ import annotations

import json

from codezest_sql.core.lint.finding import Finding, Severity, failed, in_order
from codezest_sql.core.lint.render import Format, RuleText, render, summary_line
from codezest_sql.place import Place

ERROR = Finding(
    "where", Severity.ERROR, Place("sql/a b.sql", 3, 7), "50 % of,\nall", "add one", shown="  3 | DELETE\n    | ^"
)
WARNING = Finding("rename", Severity.WARNING, Place("sql/b.sql", 1, 1), "old name")
NOTE = Finding("several", Severity.NOTE, Place("sql/b.sql", 1, 1), "twice")
ALL = (ERROR, WARNING, NOTE)


def test_people_get_place_line_and_hint() -> None:
    text = render(ALL, Format.TERMINAL, summary=summary_line(ALL, "2 files"))
    assert "sql/a b.sql:3:7: error: 50 % of,\nall [where]\n  3 | DELETE\n    | ^\n  hint: add one\n" in text
    assert text.endswith("2 files: 1 error, 1 warning, 1 note")
    assert summary_line((), "1 file") == "1 file: all right"


def test_programs_get_json_by_severity() -> None:
    said = json.loads(render(ALL, Format.JSON))
    assert {name: len(found) for name, found in said.items()} == {"errors": 1, "warnings": 1, "notes": 1}
    assert (said["errors"][0]["line"], said["warnings"][0]["hint"]) == (3, None)


def test_github_gets_commands_with_what_they_must_not_hold_escaped() -> None:
    lines = render(ALL, Format.GITHUB).split("\n")
    assert lines[0] == "::error file=sql/a b.sql,line=3,col=7,title=where::50 %25 of,%0Aall%0Aadd one"
    assert [line.split(" ")[0] for line in lines] == ["::error", "::warning", "::notice"]


def test_sarif_has_rules_levels_places_and_stable_fingerprints() -> None:
    said = json.loads(render(ALL, Format.SARIF, version="1.0", rules={"where": RuleText("No WHERE", "All rows.")}))
    run = said["runs"][0]
    assert said["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["where", "rename", "several"]
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note"]
    location = run["results"][0]["locations"][0]["physicalLocation"]
    assert location == {
        "artifactLocation": {"uri": "sql/a%20b.sql"},
        "region": {"startLine": 3, "startColumn": 7},
    }
    moved = Finding(ERROR.code, ERROR.severity, Place("sql/a b.sql", 9, 7), ERROR.message, shown="  9 | DELETE\n |")
    again = json.loads(render([moved], Format.SARIF))["runs"][0]["results"][0]
    assert again["partialFingerprints"] == run["results"][0]["partialFingerprints"]


def test_gitlab_gets_a_code_quality_report_without_what_has_no_file() -> None:
    said = json.loads(render((*ALL, Finding("x", Severity.ERROR, Place(""), "y")), Format.GITLAB))
    assert [(each["severity"], each["location"]["lines"]["begin"]) for each in said] == [
        ("critical", 3),
        ("minor", 1),
        ("info", 1),
    ]
    assert len({each["fingerprint"] for each in said}) == 3


def test_errors_fail_and_warnings_only_where_that_is_asked_for() -> None:
    assert failed(ALL)
    assert not failed(ALL[1:])
    assert failed(ALL[1:], strict=True)
    assert not failed([NOTE], strict=True)


def test_findings_are_told_in_their_order_once_and_read_back_as_they_were() -> None:
    assert in_order([NOTE, ERROR, WARNING, NOTE]) == (ERROR, WARNING, NOTE)
    assert [Finding.read(json.loads(json.dumps(each.write()))) for each in ALL] == list(ALL)
