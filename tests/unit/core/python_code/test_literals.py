"""Text becomes Python that means this very text, whatever it holds."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codezest_sql.core.python_code.layout import WIDTH, Group, call, keyword, render, sequence
from codezest_sql.core.python_code.literals import block, docstring, long_string, string

NASTY = st.text(alphabet=st.sampled_from("ab \"'\\\n\r\t\f\x00\x85\u2028ü\U0001f600\ud800{}%")) | st.text()


@given(NASTY)
def test_a_string_is_its_text(text: str) -> None:
    assert ast.literal_eval(string(text)) == text
    assert "\n" not in string(text)


@given(NASTY)
def test_a_block_is_its_text(text: str) -> None:
    assert ast.literal_eval(block(text)) == text


@given(NASTY)
def test_a_long_string_is_its_text_in_lines_that_are_not_too_long(text: str) -> None:
    written = long_string(text, indent=8, taken=12)
    assert ast.literal_eval(f"({written})") == text


def test_a_long_string_breaks_between_words() -> None:
    lines = long_string("seven " * 40, indent=8, taken=12).split("\n")
    assert len(lines) == 3
    assert all(len(line) <= WIDTH - 1 for line in lines)


@pytest.mark.parametrize("before", ["", "a", "\\", "\\\\", "\n", '\\"', "'", "\r", "\x00", "\ud800"])
@pytest.mark.parametrize("after", ["", "b", "\\", "\n", " "])
def test_quotes_stay_text_at_every_place(before: str, after: str) -> None:
    for quotes in [*('"' * count for count in range(1, 9)), "'''", '"\'"', '\\"""', '""\\"', '"""\n"""']:
        text = before + quotes + after
        assert ast.literal_eval(block(text)) == text
        assert ast.literal_eval(string(text)) == text
        assert ast.literal_eval(f"({long_string(text, indent=8, taken=12)})") == text
        assert docstring_of(text).split() == readable(text)


@given(NASTY.filter(lambda text: bool(text.strip())))
def test_a_docstring_of_a_class_is_read_as_it_was(text: str) -> None:
    assert docstring_of(text).split() == readable(text)
    source = f"class A:\n    {docstring(text, indent=4)}\n"
    assert all(len(line) <= WIDTH or " " not in line.strip() for line in source.splitlines() if "\\" not in line)


def docstring_of(text: str) -> str:
    """Compile a docstring and return what is read of it, on Python 3.13 and newer too."""
    definition = ast.parse(f"class A:\n    {docstring(text, indent=4)}\n").body[0]
    assert isinstance(definition, ast.ClassDef)
    written = ast.get_docstring(definition, clean=False) or ""
    # The compiler of 3.13 removes the indentation itself, and encodes the text as UTF-8 to do so.
    written.encode()
    return inspect.cleandoc(written)


def readable(text: str) -> list[str]:
    """Return the words of a text as a docstring can hold them."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text).split()


@pytest.mark.parametrize(
    "text",
    [
        "One line.",
        'Ends with "quotes"',
        '"Begins" with them.',
        'A back\\slash, """three""" quotes.',
        "Two\n\nparagraphs, the second\n    indented in part.",
        "Eight words of text " * 20,
    ],
)
def test_a_docstring_says_what_the_comment_says(text: str) -> None:
    assert docstring_of(text).split() == text.split()


def test_docstrings_of_every_length_are_as_a_formatter_leaves_them() -> None:
    """Where a single line fits and its closing quotes do not, too."""
    texts = [("word " * 40)[:length].strip() + "." for length in range(WIDTH - 20, WIDTH + 10)]
    classes = [f"class A{number}:\n    {docstring(text, indent=4)}\n" for number, text in enumerate(texts)]
    written = '"""Docstrings."""\n\n\n' + "\n\n".join(classes)
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", str(WIDTH), "-"]
    formatted = subprocess.run(command, input=written, capture_output=True, text=True, check=True)
    assert formatted.stdout == written


def test_what_fits_is_on_one_line_and_what_does_not_has_a_line_each() -> None:
    node = call("Statement", string("a"), keyword("parameters", sequence(("1",))))
    assert render(node) == 'Statement("a", parameters=(1,))'
    blank = " " * 90
    assert render(node, indent=90) == (f'Statement(\n{blank}    "a",\n{blank}    parameters=(1,),\n{blank})')


def test_an_item_of_several_lines_breaks_what_it_stands_in() -> None:
    assert render(Group("f(", ('"""\\\na"""', "b"))) == 'f(\n    """\\\na""",\n    b,\n)'
