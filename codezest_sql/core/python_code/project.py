"""All generated files of a project: paths within the package, with their texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.python_code.header import header
from codezest_sql.core.python_code.models import model_modules, read_models
from codezest_sql.core.python_code.names.class_names import Speller
from codezest_sql.core.python_code.names.module_names import modules
from codezest_sql.core.python_code.queries import QueryFile, query_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from codezest_sql.core.describe.model_facts import ModelFacts
    from codezest_sql.core.python_code.names.model_names import ModelNames
    from codezest_sql.core.python_types.annotation import PythonType
    from codezest_sql.core.query_types.typed_query import TypedQuery
    from codezest_sql.errors import CodezestError, RowNameError


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A query file: ``path`` as people know it, ``parts`` its folders below that of the queries and its own name."""

    path: str
    parts: tuple[str, ...]
    queries: tuple[TypedQuery, ...]


@dataclass(frozen=True, slots=True)
class GeneratedCode:
    """The files by path, ``/`` between its parts; and the errors of names, with which nothing is written."""

    files: Mapping[str, str]
    errors: tuple[CodezestError, ...]


def generate_code(
    sources: Iterable[SourceFile],
    facts: ModelFacts,
    names: ModelNames,
    *,
    package: str,
    singular: Callable[[str], str],
    initialisms: Iterable[str] = (),
    json_types: Mapping[str, PythonType] | None = None,
) -> GeneratedCode:
    """Return the generated code of a project. The same input gives the same bytes.

    ``names`` were made for ``package`` and with the same ``singular`` and ``initialisms``.
    """
    errors: list[CodezestError] = list(names.errors)
    models = read_models(facts, names, json_types or {})
    speller = Speller(initialisms)
    files = {f"models/{name}.py": text for name, text in model_modules(models, package).items()}
    files["models/__init__.py"] = header("The models, a module for each schema.", source="the migrations")
    files["queries/__init__.py"] = header("The queries, a module for each file.", source="the SQL")
    wrong: list[RowNameError] = []
    for parts, source in modules(sources, errors):
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            what = f"The queries of {'/'.join(source.path.split('/')[: depth - len(parts)])}."
            files[f"queries/{folder}/__init__.py"] = header(what, source="the SQL")
        file = QueryFile(source.path, ".".join(parts), source.queries)
        text = query_module(file, models, package, speller=speller, singular=singular, errors=wrong)
        files[f"queries/{'/'.join(parts)}.py"] = text
    return GeneratedCode(dict(sorted(files.items())), (*errors, *wrong))
