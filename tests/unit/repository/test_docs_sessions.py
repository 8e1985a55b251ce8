"""What tests/postgres/cli/test_docs_examples.py relies on: how documents are read and outputs are compared."""

from __future__ import annotations

import pytest

from tests.docs_sessions import Command, DocumentError, File, difference, matches, sessions, with_output

DOCUMENT = """\
# Tour

<!-- session: empty -->
<!-- file: a.sql -->
```sql
SELECT 1;

```

Then:

```console
$ ls \\
> -1
a.sql
$ false
$ echo $?
1
```

## Later

<!-- not run: it takes a day -->
```sh
make everything
```

<!-- session: checkout -->
<!-- append: a.sql -->
```sql
SELECT 2;
```
"""


def test_a_document_is_read_as_sessions_of_files_and_commands() -> None:
    first, second = sessions(DOCUMENT, document="tour.md")
    assert (first.title, first.kind, first.number) == ("Tour", "empty", 0)
    assert first.steps == [
        File("a.sql", "SELECT 1;\n\n", append=False),
        Command("ls \\\n-1", 13, ("a.sql",), 15),
        Command("false", 16, (), 17),
        Command("echo $?", 17, ("1",), 18),
    ]
    assert (second.title, second.kind, second.number) == ("Later", "checkout", 1)
    assert second.steps == [File("a.sql", "SELECT 2;\n", append=True)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```sh\nmake all\n```\n", "are ```console|write ```console"),
        ("```\n$ make all\n```\n", "write ```console"),
        ("```text\n$ make all\n```\n", "write ```console"),
        ("```console\n$ ls\n```\n", "no session"),
        ("<!-- session: empty -->\n```console\nls\n```\n", 'begins with "\\$ "'),
        ("<!-- session: full -->\n", "empty, checkout"),
    ],
)
def test_a_command_line_that_would_not_be_run_is_an_error(text: str, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        sessions(text, document="x.md")


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ("applied a (5.4 ms)", "applied a (2 min 3 s)"),
        ("at 2026-01-02 03:04:05 UTC", "at 2027-12-31 23:59:59 UTC"),
        ("held by pid 1", "held by pid 4711"),
        ("a\n…\nz", "a\nb\nc\nz"),
        ("a\n…\nz", "a\nz"),
        ("…", ""),
    ],
)
def test_what_cannot_be_the_same_twice_is_not_compared(expected: str, printed: str) -> None:
    assert matches(expected.splitlines(), printed.splitlines())


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ("applied a", "applied b"),
        ("8 applied", "7 applied"),
        ("a", "a\nb"),
        ("a\nb", "a"),
        ("", "a"),
        ("a\n…\nz", "a\nb"),
        ("plan 7b68e64002b0", "plan 7b68e64002b1"),
        ("a.b", "aXb"),
    ],
)
def test_any_other_difference_is_one(expected: str, printed: str) -> None:
    assert not matches(expected.splitlines(), printed.splitlines())
    assert "@@" in difference(expected.splitlines(), printed.splitlines())


def test_what_was_printed_takes_the_place_of_what_stood_there() -> None:
    first, _ = sessions(DOCUMENT, document="tour.md")
    _, listing, failing, _ = first.steps
    assert isinstance(listing, Command)
    assert isinstance(failing, Command)
    assert "$ ls \\\n> -1\nx\ny\n$ false\n" in with_output(DOCUMENT, listing, ["x", "y"])
    assert "$ false\noops\n$ echo" in with_output(DOCUMENT, failing, ["oops"])
