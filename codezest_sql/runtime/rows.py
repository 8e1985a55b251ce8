"""Makes the function that turns the values of a row into a model: generated code, one function for each query.

A generated function unpacks the row by position, refuses a NULL where none can be, converts inline and builds the
model. That is twice as fast as a loop over the columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codezest_sql.errors import SchemaMismatchError, UnreadableValueError
from codezest_sql.runtime.decoding import Conversion, DimensionsError, adapter, as_function, field_key, mistake
from codezest_sql.runtime.failures import MISMATCH_HINT
from codezest_sql.runtime.unvalidated import can_build, source_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NoReturn

    from pydantic import BaseModel

    from codezest_sql.runtime.values import Column


def row_function(
    query: str,
    columns: Sequence[Column],
    conversions: Sequence[Conversion],
    model: type[BaseModel] | None,
    *,
    validate: bool = False,
) -> Callable[[Sequence[Any]], Any]:
    """Return the function that makes a ``model`` of a row's values; of None, a tuple of the converted values.

    It raises ``SchemaMismatchError`` for a NULL in a column that was inferred to have none, and
    ``UnreadableValueError`` for a value that Python cannot hold.
    """
    variables = [f"a{number}" for number in range(len(columns))]
    names: dict[str, Any] = {"failed": _failure(query, columns, conversions, model)}
    expressions = [
        _expression(variable, column, convert, names)
        for variable, column, convert in zip(variables, columns, conversions, strict=True)
    ]
    source = "def make_row(values):\n    try:\n"
    if columns:
        source += f"        {', '.join(variables)}, = values\n"
    required = [name for name, column in zip(variables, columns, strict=True) if not column.nullable]
    if required:
        source += f"        if {' or '.join(f'{name} is None' for name in required)}:\n            raise ValueError\n"
    if model is None:
        source += f"        return ({', '.join(expressions)}{',' if expressions else ''})\n"
    elif not validate and can_build(model):
        source += source_of(list(model.model_fields)[: len(columns)], model, names, expressions)
        source += "        return m\n"
    else:
        names["validated"] = adapter(model).validate_python
        keys = [field_key(model, name) for name in model.model_fields]
        items = ", ".join(f"{key!r}: {value}" for key, value in zip(keys, expressions, strict=True))
        source += f"        return validated({{{items}}})\n"
    source += "    except Exception as error:\n        failed(values, error)\n"
    exec(compile(source, f"<row of {query}>", "exec"), names)  # noqa: S102  # our own text, see source_of
    made: Callable[[Sequence[Any]], Any] = names["make_row"]
    return made


def _expression(variable: str, column: Column, convert: Conversion, names: dict[str, Any]) -> str:
    if convert is None:
        return variable
    name = f"c{variable}"
    names[name] = convert
    done = f"{name}[{variable}]" if isinstance(convert, dict) else f"{name}({variable})"
    return f"None if {variable} is None else {done}" if column.nullable else done


def _failure(
    query: str, columns: Sequence[Column], conversions: Sequence[Conversion], model: type[BaseModel] | None
) -> Callable[[Sequence[Any], Exception], NoReturn]:
    """Return what finds the column at fault, once a row could not be made."""

    def failed(values: Sequence[Any], error: Exception) -> NoReturn:
        if len(values) != len(columns):
            raise SchemaMismatchError(
                f"{query}: {len(values)} columns came instead of {len(columns)}", query=query, hint=MISMATCH_HINT
            ) from error
        for column, value, convert in zip(columns, values, conversions, strict=True):
            if value is None:
                if not column.nullable:
                    raise SchemaMismatchError(
                        f"{query}: the column {column.name} is NULL, and was inferred never to be",
                        query=query,
                        hint=MISMATCH_HINT,
                    ) from None
                continue
            function = as_function(convert)
            try:
                if function:
                    function(value)
            except Exception as cause:
                raise _unreadable(query, column, convert, value, cause) from cause
        said = mistake(error, model) if model else type(error).__name__
        raise UnreadableValueError(f"{query}: the row does not fit its model: {said}", query=query) from error

    return failed


def _unreadable(
    query: str, column: Column, convert: Conversion, value: Any, cause: Exception
) -> UnreadableValueError | SchemaMismatchError:
    if isinstance(convert, dict):
        return SchemaMismatchError(
            f"{query}: the column {column.name} of type {column.type} has a label that is unknown here: {value}",
            query=query,
            hint=MISMATCH_HINT,
        )
    if isinstance(cause, DimensionsError):
        return UnreadableValueError(
            f"{query}: the column {column.name} of type {column.type} holds {cause}",
            query=query,
            hint="declare the column with its dimensions, such as integer[][], or select to_jsonb(…)",
        )
    shown = f" ({value})" if isinstance(value, str) and value in {"infinity", "-infinity"} else ""
    return UnreadableValueError(
        f"{query}: the column {column.name} of type {column.type} holds a value that Python cannot{shown}",
        query=query,
        hint="infinity, years BC and years past 9999 are no datetime: select them as text",
    )
