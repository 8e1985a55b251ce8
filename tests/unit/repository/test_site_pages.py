"""The pages of the documentation site: all of them in the table of contents, with links that lead to pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.site_pages import CONTENTS, collect, of_docs, of_root

if TYPE_CHECKING:
    from pathlib import Path


def test_links_of_the_root_and_of_docs_lead_to_pages_of_the_site() -> None:
    assert (
        of_root("[a](docs/lint.md#b) [c](ARCHITECTURE.md) [d](#e)") == "[a](lint.md#b) [c](architecture.md) [d](#e)"
    )
    assert of_docs("[a](../README.md#exit-codes) [b](lint.md)") == "[a](index.md#exit-codes) [b](lint.md)"


def test_every_page_is_collected_and_in_the_table_of_contents(tmp_path: Path) -> None:
    collect(tmp_path / "pages")
    pages = {page.relative_to(tmp_path / "pages").as_posix() for page in (tmp_path / "pages").rglob("*.md")}
    assert pages == {"index.md", *(f"{name}.md" for names in CONTENTS.values() for name in names)}
    index = (tmp_path / "pages" / "index.md").read_text("utf-8")
    assert all(f":caption: {caption}" in index for caption in CONTENTS)
    assert "](docs/" not in index
