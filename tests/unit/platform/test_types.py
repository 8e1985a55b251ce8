"""The typed documents of jsonb columns: what is kept, what is left out, what is refused."""

from __future__ import annotations

import inspect

import pytest
from pydantic import TypeAdapter, ValidationError

from codezest_sql.platform import types
from codezest_sql.platform.types import AIResult, CodeExample, Document, LineItem, Preferences, TestCase, TestResult

DOCUMENTS = [
    each
    for _, each in inspect.getmembers(types, inspect.isclass)
    if issubclass(each, Document) and each is not Document
]


def test_every_type_is_public_and_says_of_which_column_it_is() -> None:
    assert {each.__name__ for each in DOCUMENTS} | {"Document", "Metadata"} == set(types.__all__)
    for each in DOCUMENTS:
        assert each.__doc__


def test_what_a_newer_release_wrote_is_written_back() -> None:
    text = '{"theme":"dark","colour_blind":{"kind":"deutan"},"tags":[1,null]}'
    assert Preferences.model_validate_json(text).model_dump_json() == text


def test_what_was_not_given_is_not_written() -> None:
    assert Preferences(theme="dark").model_dump_json() == '{"theme":"dark"}'
    assert CodeExample(language="python", source="").model_dump() == {"language": "python", "source": ""}


def test_a_null_that_was_given_is_written() -> None:
    """With ``preferences || '{"theme": null}'`` somebody takes a theme back."""
    assert Preferences(theme=None).model_dump_json() == '{"theme":null}'
    assert Preferences.model_validate_json('{"theme":null}').model_dump_json() == '{"theme":null}'


def test_defaults_that_are_values_are_written() -> None:
    case = TestCase(name="a", input="", expected_output="")
    assert case.model_dump()["is_hidden"] is False
    assert AIResult(summary="good").model_dump() == {"summary": "good", "strengths": [], "improvements": []}


def test_documents_within_lists_leave_out_the_same() -> None:
    adapter = TypeAdapter(list[TestResult])
    assert adapter.dump_json([TestResult(name="a", passed=True, duration_ms=1)]) == (
        b'[{"name":"a","passed":true,"duration_ms":1}]'
    )


def test_documents_are_values() -> None:
    one = LineItem(description="PRO", quantity=1, unit_amount_minor=900, amount_minor=900)
    assert one == LineItem.model_validate(one.model_dump())
    with pytest.raises(ValidationError, match="frozen"):
        one.quantity = 2


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (TestCase, '{"name": "a", "input": ""}'),
        (TestResult, '{"name": "a", "passed": true, "duration_ms": -1}'),
        (LineItem, '{"description": "a", "quantity": 0, "unit_amount_minor": 1, "amount_minor": 0}'),
        (AIResult, '{"summary": "a", "score": 101}'),
        (Preferences, '{"editor_font_size": 0}'),
        (CodeExample, "[]"),
    ],
)
def test_what_is_no_such_document_is_refused(kind: type[Document], text: str) -> None:
    with pytest.raises(ValidationError):
        kind.model_validate_json(text)
