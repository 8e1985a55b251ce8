"""Reads CREATE TABLE and ALTER TABLE: columns, constraints, and what each part of an ALTER does. Asks no server."""

from __future__ import annotations

from dataclasses import replace

from codezest_sql.core.ddl.changes import (
    Action,
    ActionKind,
    AlterTable,
    Column,
    Constraint,
    ConstraintKind,
    CreateTable,
)
from codezest_sql.core.ddl.parts import TYPE_END, column_names, group, kept, qualified, take_expression, take_type
from codezest_sql.core.ddl.type_changes import collation_of
from codezest_sql.core.ddl.uses import words_in
from codezest_sql.core.sql.statements import Statement
from codezest_sql.core.sql.token_reader import TokenReader

_TABLE_CONSTRAINT = frozenset({"CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY", "EXCLUDE", "FOREIGN", "NOT"})
_EXPRESSION_END = TYPE_END - {"NOT", "NULL"} | {"NOT"}


def read_create_table(text: str, statement: Statement, schema: str) -> CreateTable | None:
    """Return what CREATE TABLE makes; None for what is no such statement."""
    reader = TokenReader(text, statement)
    reader.take("CREATE")
    reader.take_one_of("LOCAL", "GLOBAL")
    temporary = bool(reader.take_one_of("TEMP", "TEMPORARY"))
    reader.take("UNLOGGED")
    reader.take("FOREIGN")
    if not reader.take("TABLE"):
        return None
    reader.take("IF", "NOT", "EXISTS")
    token, written = reader.peek(), reader.name()
    if token is None or written is None:
        return None
    parent = None
    copies = False
    copied: list[str] = []
    if reader.take("PARTITION", "OF"):
        parent = reader.name()
    elif reader.take("OF"):
        reader.name()
        copies = True
    columns: list[Column] = []
    constraints: list[Constraint] = []
    for member in group(reader, text):
        inner = TokenReader(text, member)
        word = inner.keyword()
        if word == "LIKE":
            copies = True
            inner.next()
            copied.append(qualified(inner.name() or "", schema))
        elif word in _TABLE_CONSTRAINT:
            constraint = read_constraint(inner, text, schema)
            constraints.extend([constraint] if constraint else [])
        elif not parent:
            column = read_column(inner, text, schema)
            columns.extend([column] if column else [])
    is_default = parent is not None and reader.keyword() == "DEFAULT"
    partitioned, inherits, fills = _options_of_table(reader, text, schema)
    return CreateTable(
        qualified(written, "pg_temp" if temporary else schema),
        tuple(columns),
        tuple(constraints),
        token.start,
        qualified(parent, schema) if parent else None,
        partitioned,
        copies or fills or bool(inherits),
        temporary,
        written,
        fills,
        (*copied, *inherits),
        inherits,
        is_default,
    )


def _options_of_table(reader: TokenReader, text: str, schema: str) -> tuple[bool, tuple[str, ...], bool]:
    """Read on after the columns: whether it is partitioned, what it inherits, whether a query fills it."""
    partitioned = False
    inherits: tuple[str, ...] = ()
    while not reader.at_end():
        if reader.take("PARTITION", "BY"):
            partitioned = True
        elif reader.take("INHERITS"):
            inherits = tuple(qualified(each, schema) for each in column_names(reader, text))
        elif reader.keyword() in {"AS", "EXECUTE"}:
            return partitioned, inherits, True
        else:
            reader.next()
    return partitioned, inherits, False


def read_table_of_query(reader: TokenReader, schema: str) -> CreateTable | None:
    """Return the table that SELECT … INTO makes, read on after INTO."""
    temporary = bool(reader.take_one_of("TEMP", "TEMPORARY"))
    reader.take("UNLOGGED")
    reader.take("TABLE")
    token, written = reader.peek(), reader.name()
    if token is None or written is None:
        return None
    name = qualified(written, "pg_temp" if temporary else schema)
    return CreateTable(name, (), (), token.start, copies=True, temporary=temporary, written=written, fills=True)


def read_column(reader: TokenReader, text: str, schema: str) -> Column | None:
    """Return a column's declaration, from its name on."""
    token, written = reader.peek(), reader.name()
    if token is None or written is None:
        return None
    name = kept(written)
    column = Column(name, take_type(reader), token.start)
    constraints: list[Constraint] = []
    while not reader.at_end():
        before = reader.peek()
        if reader.take("DEFAULT"):
            column = replace(column, default=take_expression(reader, text, _EXPRESSION_END))
        elif reader.take("COLLATE"):
            column = replace(column, collation=collation_of(f" collate {kept(reader.name() or '')}"))
        elif reader.take("GENERATED"):
            column = _generated(column, reader, text)
        elif reader.take("NULL"):
            pass
        elif reader.keyword() in {"CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY", "REFERENCES", "NOT"}:
            constraint = read_constraint(reader, text, schema, column=name)
            if constraint is None:
                reader.next()
            elif constraint.kind is ConstraintKind.NOT_NULL:
                column = replace(column, not_null=constraint.checks_rows)
            else:
                constraints.append(constraint)
        if reader.peek() is before:
            reader.next()
    if any(each.kind is ConstraintKind.PRIMARY_KEY for each in constraints) or column.identity:
        column = replace(column, not_null=True)
    return replace(column, constraints=tuple(constraints))


def _generated(column: Column, reader: TokenReader, text: str) -> Column:
    """Read on after GENERATED."""
    reader.take("ALWAYS")
    reader.take("BY", "DEFAULT")
    reader.take("AS")
    if reader.take("IDENTITY"):
        group(reader, text)
        return replace(column, identity=True)
    members = group(reader, text)
    words = words_in(text, Statement(members[0].start, members[-1].end)) if members else frozenset[str]()
    word = reader.take_one_of("STORED", "VIRTUAL")
    return replace(column, generated=(word or "virtual").lower(), uses=words)


def read_constraint(reader: TokenReader, text: str, schema: str, *, column: str | None = None) -> Constraint | None:
    """Return a constraint, from CONSTRAINT or its first word on; ``column`` where it is part of a declaration."""
    token = reader.peek()
    if token is None:
        return None
    name = reader.name() if reader.take("CONSTRAINT") else None
    own = (column,) if column else ()
    found: Constraint | None = None
    if reader.take("CHECK"):
        members = group(reader, text)
        inner = Statement(members[0].start, members[-1].end) if members else Statement(token.start, token.start)
        found = Constraint(
            ConstraintKind.CHECK, token.start, columns=own, expression=inner.text(text), words=words_in(text, inner)
        )
    elif reader.keyword() == "UNIQUE" or (reader.keyword(), reader.keyword(1)) == ("PRIMARY", "KEY"):
        kind = ConstraintKind.UNIQUE if reader.take("UNIQUE") else ConstraintKind.PRIMARY_KEY
        reader.take("PRIMARY", "KEY")
        reader.take("NULLS", "NOT", "DISTINCT")
        reader.take("NULLS", "DISTINCT")
        index = kept(reader.name() or "") if reader.take("USING", "INDEX") else None
        found = Constraint(kind, token.start, columns=own or column_names(reader, text), using_index=index)
    elif reader.take("REFERENCES"):
        found = _reference(reader, text, schema, token.start, own)
    elif reader.take("FOREIGN", "KEY"):
        columns = column_names(reader, text)
        found = _reference(reader, text, schema, token.start, columns) if reader.take("REFERENCES") else None
    elif reader.take("EXCLUDE"):
        found = Constraint(ConstraintKind.EXCLUDE, token.start)
    elif reader.take("NOT", "NULL"):
        columns = own or ((kept(reader.name() or ""),) if not reader.at_end() else ())
        found = Constraint(ConstraintKind.NOT_NULL, token.start, columns=columns)
    if found is None:
        return None
    return _rest_of_constraint(replace(found, name=kept(name) if name else None), reader, inline=column is not None)


def _rest_of_constraint(found: Constraint, reader: TokenReader, *, inline: bool) -> Constraint:
    """Skip what follows a constraint, up to the next one of a column's declaration."""
    depth = 0
    while not reader.at_end():
        if not depth and reader.take("NOT", "VALID"):
            found = replace(found, valid=False)
            continue
        if not depth and reader.take("NOT", "ENFORCED"):
            found = replace(found, enforced=False)
            continue
        word = reader.keyword()
        if not depth and reader.written() == ",":
            break
        starts = word in {"CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY", "REFERENCES", "DEFAULT", "GENERATED", "NULL"}
        if inline and not depth and (starts or (word == "NOT" and reader.keyword(1) == "NULL")):
            break
        if not depth and word in {"ON", "SET"}:
            reader.next()  # ON DELETE SET NULL is no constraint NULL
            if reader.keyword() in {"NULL", "DEFAULT"}:
                reader.next()
            continue
        depth += {"(": 1, ")": -1}.get(reader.written(), 0)
        reader.next()
    return found


def _reference(
    reader: TokenReader, text: str, schema: str, offset: int, columns: tuple[str, ...]
) -> Constraint | None:
    parent = reader.name()
    if parent is None:
        return None
    referenced = column_names(reader, text)
    return Constraint(
        ConstraintKind.FOREIGN_KEY,
        offset,
        columns=columns,
        references=qualified(parent, schema),
        referenced=referenced,
    )


def read_alter_table(text: str, statement: Statement, schema: str) -> AlterTable | None:
    """Return what ALTER TABLE does, part by part; of ALTER INDEX, VIEW and MATERIALIZED VIEW as well."""
    reader = TokenReader(text, statement)
    reader.take("ALTER")
    reader.take("FOREIGN")
    what = (
        "MATERIALIZED VIEW" if reader.take("MATERIALIZED", "VIEW") else reader.take_one_of("TABLE", "INDEX", "VIEW")
    )
    if not what or reader.keyword() == "ALL":
        return None
    reader.take("IF", "EXISTS")
    only = reader.take("ONLY")
    parenthesis = only and reader.take_symbol("(")
    token, written = reader.peek(), reader.name()
    if token is None or written is None:
        return None
    if parenthesis:
        reader.take_symbol(")")
    reader.take_symbol("*")
    actions: list[Action] = []
    while not reader.at_end():
        before = reader.peek()
        action = _action(reader, text, schema)
        actions.extend([action] if action else [])
        _skip_to_comma(reader)
        if reader.peek() is before:
            reader.next()
    return AlterTable(qualified(written, schema), tuple(actions), token.start, what, written, only)


def _skip_to_comma(reader: TokenReader) -> None:
    depth = 0
    while not reader.at_end():
        written = reader.written()
        if written == "," and not depth:
            reader.next()
            return
        depth += {"(": 1, ")": -1}.get(written, 0)
        reader.next()


def _action(reader: TokenReader, text: str, schema: str) -> Action | None:
    token = reader.peek()
    if token is None:
        return None
    read = _ACTIONS.get(reader.keyword())
    if read is None:
        return Action(ActionKind.OTHER, token.start)
    reader.next()
    return read(reader, text, schema, token.start)


def _add(reader: TokenReader, text: str, schema: str, offset: int) -> Action | None:
    named = reader.take("COLUMN")
    if not named and reader.keyword() in _TABLE_CONSTRAINT:
        constraint = read_constraint(reader, text, schema)
        return Action(ActionKind.ADD_CONSTRAINT, offset, constraint=constraint) if constraint else None
    if_exists = reader.take("IF", "NOT", "EXISTS")
    column = _column_up_to_comma(reader, text, schema)
    if column is None:
        return None
    return Action(ActionKind.ADD_COLUMN, offset, column.name, column=column, if_exists=if_exists)


def _column_up_to_comma(reader: TokenReader, text: str, schema: str) -> Column | None:
    """Read a declaration that ends at a comma outside of parentheses."""
    first = reader.peek()
    if first is None:
        return None
    depth, end, distance = 0, first.end, 0
    while (token := reader.peek(distance)) is not None:
        written = token.text(text)
        if written == "," and not depth:
            break
        depth += {"(": 1, ")": -1}.get(written, 0)
        end = token.end
        distance += 1
    column = read_column(TokenReader(text, Statement(first.start, end)), text, schema)
    for _ in range(distance):
        reader.next()
    return column


def _drop(reader: TokenReader, _text: str, _schema: str, offset: int) -> Action | None:
    kind = ActionKind.DROP_CONSTRAINT if reader.take("CONSTRAINT") else ActionKind.DROP_COLUMN
    if kind is ActionKind.DROP_COLUMN:
        reader.take("COLUMN")
    if_exists = reader.take("IF", "EXISTS")
    name = kept(reader.name() or "")
    cascade = reader.take("CASCADE")
    return Action(kind, offset, name, cascade=cascade, if_exists=if_exists)


def _alter(reader: TokenReader, text: str, _schema: str, offset: int) -> Action | None:
    if reader.take("CONSTRAINT"):
        name = kept(reader.name() or "")
        while not reader.at_end() and reader.written() != ",":
            if reader.take("NOT", "ENFORCED"):
                return Action(ActionKind.UNENFORCE, offset, name)
            if reader.take("ENFORCED"):
                return Action(ActionKind.ENFORCE, offset, name)
            reader.next()
        return Action(ActionKind.ALTER_CONSTRAINT, offset, name)
    reader.take("COLUMN")
    name = kept(reader.name() or "")
    if reader.take("SET", "DATA", "TYPE") or reader.take("TYPE"):
        type_name = take_type(reader)
        if reader.take("COLLATE"):
            type_name += f" collate {kept(reader.name() or '')}"
        using = take_expression(reader, text, ()) if reader.take("USING") else ""
        return Action(ActionKind.TYPE, offset, name, type=type_name, using=using)
    if reader.keyword() in {"SET", "RESET"} and (token := reader.peek(1)) and text[token.start] == "(":
        return Action(ActionKind.STATISTICS, offset, name)
    for words, kind in _COLUMN_ACTIONS.items():
        if reader.take(*words):
            return Action(kind, offset, name)
    return Action(ActionKind.OTHER, offset, name)


def _rename(reader: TokenReader, _text: str, _schema: str, offset: int) -> Action | None:
    if reader.take("TO"):
        return Action(ActionKind.RENAME_TABLE, offset, new_name=kept(reader.name() or ""))
    kind = ActionKind.RENAME_CONSTRAINT if reader.take("CONSTRAINT") else ActionKind.RENAME_COLUMN
    if kind is ActionKind.RENAME_COLUMN:
        reader.take("COLUMN")
    name = kept(reader.name() or "")
    reader.take("TO")
    return Action(kind, offset, name, kept(reader.name() or ""))


def _set(reader: TokenReader, _text: str, _schema: str, offset: int) -> Action | None:
    if reader.take("SCHEMA"):
        return Action(ActionKind.SET_SCHEMA, offset, new_name=kept(reader.name() or ""))
    if reader.take("TABLESPACE"):
        return Action(ActionKind.SET_TABLESPACE, offset, kept(reader.name() or ""))
    if reader.take("ACCESS", "METHOD"):
        return Action(ActionKind.SET_ACCESS_METHOD, offset, kept(reader.name() or ""))
    if word := reader.take_one_of("LOGGED", "UNLOGGED"):
        return Action(ActionKind.SET_LOGGED, offset, word)
    if reader.take("WITHOUT"):
        return Action(ActionKind.OPTIONS if reader.take("CLUSTER") else ActionKind.OTHER, offset)
    return _options(reader, _text, _schema, offset)


def _options(reader: TokenReader, _text: str, _schema: str, offset: int) -> Action | None:
    strong = "user_catalog_table" in reader.options()
    return Action(ActionKind.OTHER if strong else ActionKind.OPTIONS, offset)


def _cluster_on(_reader: TokenReader, _text: str, _schema: str, offset: int) -> Action | None:
    return Action(ActionKind.OPTIONS, offset)


def _partition(kind: ActionKind, reader: TokenReader, schema: str, offset: int) -> Action | None:
    if not reader.take("PARTITION"):
        return Action(ActionKind.OTHER, offset)
    name = qualified(reader.name() or "", schema)
    return Action(kind, offset, name, concurrently=reader.take("CONCURRENTLY"), default=reader.keyword() == "DEFAULT")


def _attach(reader: TokenReader, _text: str, schema: str, offset: int) -> Action | None:
    return _partition(ActionKind.ATTACH, reader, schema, offset)


def _detach(reader: TokenReader, _text: str, schema: str, offset: int) -> Action | None:
    return _partition(ActionKind.DETACH, reader, schema, offset)


def _validate(reader: TokenReader, _text: str, _schema: str, offset: int) -> Action | None:
    reader.take("CONSTRAINT")
    return Action(ActionKind.VALIDATE, offset, kept(reader.name() or ""))


def _enable(reader: TokenReader, _text: str, _schema: str, offset: int) -> Action | None:
    while word := reader.take_one_of("REPLICA", "ALWAYS", "NO", "FORCE", "TRIGGER", "RULE", "ROW"):
        if word in {"TRIGGER", "RULE"}:
            kind = ActionKind.TRIGGER if word == "TRIGGER" else ActionKind.RULE
            return Action(kind, offset, kept(reader.name() or ""))
        if word == "ROW":
            return Action(ActionKind.ROW_SECURITY, offset)
    return Action(ActionKind.OTHER, offset)


def _no(reader: TokenReader, text: str, schema: str, offset: int) -> Action | None:
    if reader.take("INHERIT"):
        return Action(ActionKind.INHERIT, offset, qualified(reader.name() or "", schema))
    return _enable(reader, text, schema, offset)


def _inherit(reader: TokenReader, _text: str, schema: str, offset: int) -> Action | None:
    return Action(ActionKind.INHERIT, offset, qualified(reader.name() or "", schema))


_COLUMN_ACTIONS = {
    ("SET", "NOT", "NULL"): ActionKind.SET_NOT_NULL,
    ("DROP", "NOT", "NULL"): ActionKind.DROP_NOT_NULL,
    ("SET", "DEFAULT"): ActionKind.SET_DEFAULT,
    ("DROP", "DEFAULT"): ActionKind.SET_DEFAULT,
    ("SET", "STATISTICS"): ActionKind.STATISTICS,
    ("SET", "EXPRESSION"): ActionKind.SET_EXPRESSION,
    ("DROP", "EXPRESSION"): ActionKind.DROP_EXPRESSION,
}
_ACTIONS = {
    "ADD": _add,
    "DROP": _drop,
    "ALTER": _alter,
    "RENAME": _rename,
    "SET": _set,
    "ATTACH": _attach,
    "DETACH": _detach,
    "VALIDATE": _validate,
    "ENABLE": _enable,
    "DISABLE": _enable,
    "FORCE": _enable,
    "NO": _no,
    "RESET": _options,
    "CLUSTER": _cluster_on,
    "INHERIT": _inherit,
}
