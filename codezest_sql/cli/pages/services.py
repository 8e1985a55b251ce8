"""The queries of a service as one Markdown page. ``python -m codezest_sql.cli.pages.services auth`` prints one.

``docs/services/*.md`` are these texts, and a test compares both. What a query takes and gives is asked of the
generated code, which ``generate --check`` holds to the SQL; the words are the SQL's.
"""

from __future__ import annotations

import inspect
import re
import sys
from importlib import import_module
from typing import TYPE_CHECKING, ForwardRef

from pydantic import BaseModel

from codezest_sql.actions.queries.folder import read_query_folder
from codezest_sql.core.python_code.service_page import DocumentedFile, DocumentedQuery, opening_comment, service_page
from codezest_sql.core.query_files.reading import read_query_file
from codezest_sql.core.text.decode import decode
from codezest_sql.platform.packaged_schema import sql_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from codezest_sql.actions.queries.folder import QueryFile

_NAME = re.compile(r"[A-Za-z_]\w*")


def services() -> tuple[str, ...]:
    """Return the services that have queries, by name."""
    return tuple(sorted({file.name.partition("/")[0] for file in read_query_folder(sql_folder() / "queries")}))


def page_of(service: str) -> str:
    """Return the page of a service. Raises ``FolderError`` where it has no folder of queries."""
    files = read_query_folder(sql_folder() / "queries" / service)
    return service_page(service, (_documented(service, file) for file in files))


def _documented(service: str, file: QueryFile) -> DocumentedFile:
    name = file.name.removesuffix(".sql")
    module = import_module(f"codezest_sql.platform.queries.{service}.{name}")
    queries = read_query_file(file.data, file=file.path)
    return DocumentedFile(
        name,
        opening_comment(decode(file.data, file=file.path)),
        tuple(_query(module, query.name, query.docstring) for query in queries),
    )


def _query(module: ModuleType, name: str, docstring: str) -> DocumentedQuery:
    signature = inspect.signature(getattr(module, name))
    parameters = tuple(_parameter(each) for each in signature.parameters.values())
    returns: str = signature.return_annotation
    named = [each for text in (*parameters, returns) for each in _own_classes(module, text)]
    rows = tuple((each.__name__, tuple(_fields(module, each))) for each in dict.fromkeys(named))
    keyword_only = any(each.kind is each.KEYWORD_ONLY for each in signature.parameters.values())
    return DocumentedQuery(name, ("*", *parameters) if keyword_only else parameters, returns, docstring, rows)


def _parameter(parameter: inspect.Parameter) -> str:
    """Write a parameter; its default shows that it can be ABSENT."""
    type_: str = parameter.annotation
    if parameter.default is parameter.empty:
        return f"{parameter.name}: {type_}"
    return f"{parameter.name}: {type_.replace(' | Absent', '')} = {parameter.default!r}"


def _own_classes(module: ModuleType, annotation: str) -> Iterator[type]:
    """Give the rows and models of a module that an annotation names."""
    for found in _NAME.findall(annotation):
        named = getattr(module, found, None)
        if isinstance(named, type) and named.__module__ == module.__name__:
            yield named


def _fields(module: ModuleType, row: type) -> Iterator[str]:
    """Give the fields of a row, each as ``name: type``; a model of the same module is written out in braces."""

    def written_out(found: re.Match[str]) -> str:
        for model in _own_classes(module, found[0]):
            if issubclass(model, BaseModel):
                return "{" + ", ".join(_fields(module, model)) + "}"
        return found[0]

    for name, annotation in inspect.get_annotations(row).items():
        # A NamedTuple wraps the text of its annotations.
        text = annotation.__forward_arg__ if isinstance(annotation, ForwardRef) else annotation
        yield f"{name}: {_NAME.sub(written_out, text)}"


if __name__ == "__main__":
    sys.stdout.write(page_of(sys.argv[1]))
