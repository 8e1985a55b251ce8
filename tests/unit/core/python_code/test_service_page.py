"""The pages of the services: as committed they are what the queries say, and what the parts of a page look like."""

from __future__ import annotations

import pytest

from codezest_sql.cli.pages.services import page_of, services
from codezest_sql.core.python_code.service_page import (
    DocumentedFile,
    DocumentedQuery,
    opening_comment,
    paragraphs,
    service_page,
)
from codezest_sql.errors import FolderError
from tests.paths import ROOT
from tests.unit.repository.test_docs import anchors

PAGES = ROOT / "docs" / "services"


@pytest.mark.parametrize("service", services())
def test_the_page_of_a_service_is_what_its_queries_say(service: str) -> None:
    """``make docs`` rewrites it."""
    assert (PAGES / f"{service}.md").read_text("utf-8") == page_of(service)


def test_every_service_with_queries_has_a_page_and_no_other_has_one() -> None:
    folders = {path.name for path in (ROOT / "sql" / "queries").iterdir() if path.is_dir()}
    assert set(services()) == folders == {path.stem for path in PAGES.iterdir()}


@pytest.mark.parametrize("service", services())
def test_every_query_of_a_page_can_be_linked_to(service: str) -> None:
    text = page_of(service)
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert len(anchors(text)) == len(headings)


def test_there_is_no_page_of_what_is_no_service() -> None:
    with pytest.raises(FolderError):
        page_of("astrology")


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        ("Get a user.", ("Get a user.",)),
        ("Get a user", ("Get a user",)),
        ("Get a user. None where\nthere is none.", ("Get a user.", "None where there is none.")),
        ("Get a user,\nany user.\n\nOr\nnone.", ("Get a user, any user.", "Or\nnone.")),
        ("Get users. All.\n\nMore.\n\nMost.", ("Get users.", "All.", "More.\n\nMost.")),
        ("Get version 1.5 of it. Or not.", ("Get version 1.5 of it.", "Or not.")),
    ],
)
def test_a_docstring_is_its_first_sentence_and_what_comes_behind(docstring: str, expected: tuple[str, ...]) -> None:
    assert paragraphs(docstring) == expected


@pytest.mark.parametrize(
    ("text", "comment"),
    [
        ("-- What it is.\n--\n-- More.\n\n-- name: a :one\n-- Doc.\nSELECT 1;\n", "What it is.\n\nMore."),
        ("-- What it is.\n-- name: a :one\nSELECT 1;\n", "What it is."),
        ("-- name: a :one\n-- Doc.\nSELECT 1;\n", ""),
        ("", ""),
    ],
)
def test_a_file_opens_with_its_comment(text: str, comment: str) -> None:
    assert opening_comment(text) == comment


def test_a_page_has_signature_words_and_rows_of_each_query() -> None:
    query = DocumentedQuery(
        "get_item",
        ("*", "id: UUID", "stage: Stage = ABSENT"),
        "Opt[GetItemRow]",
        "The item. None where there is none.\n\nAnd more.",
        (("GetItemRow", ("id: UUID", "maker: {id: UUID, name: str} | None")),),
    )
    text = service_page("shop", [DocumentedFile("items", "What is sold.", (query,)), DocumentedFile("empty", "", ())])
    assert text.endswith(
        """
[items](#items) · [empty](#empty)

## items

What is sold.

### items.get_item

The item.

```python
get_item(*, id: UUID, stage: Stage = ABSENT) -> Opt[GetItemRow]
```

`GetItemRow`: `id: UUID`, `maker: {id: UUID, name: str} | None`

None where there is none.

And more.

## empty
"""
    )


def test_a_page_writes_out_models_in_rows_and_what_may_be_absent() -> None:
    text = page_of("learning")
    assert "assignment_id: UUID = ABSENT," in text
    assert "`learner: {id: UUID, name: str}`" in " ".join(text.split())
    assert "Absent" not in text
    assert "`ImportUsersRow`: `id: UUID`," in page_of("auth")
