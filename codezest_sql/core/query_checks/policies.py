"""Rules for queries that the server would accept: each is data and one function over the server's description.

A project chooses their severities in ``[tool.codezest-sql.policies]``. Most are of a house's style, so a project that
sets nothing gets only the two that find likely mistakes, as warnings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from codezest_sql.core.query_checks.policy_names import Severity
from codezest_sql.core.query_files.query import QueryKind
from codezest_sql.core.query_tree.table_access import Effect
from codezest_sql.core.query_types.nested_shape import Shape, has_list, nested_shape
from codezest_sql.core.sql.lexer import COMMENTS, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from codezest_sql.core.describe.description import Analysis
    from codezest_sql.core.describe.model_facts import Relation
    from codezest_sql.core.query_files.query import Query
    from codezest_sql.core.query_tree.table_access import RelationUse
    from codezest_sql.core.sql.lexer import Token

_WRITTEN = frozenset({Effect.UPDATE, Effect.DELETE})


class Finding(NamedTuple):
    """A broken rule: ``offset`` in the query's SQL, None for the query as a whole; what, and the hint."""

    offset: int | None
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The input of a rule: a query, the server's description of the variant with every part, the tables by OID."""

    query: Query
    analysis: Analysis
    relations: Mapping[int, Relation]

    def uses(self, column: str, *effects: Effect) -> Iterator[tuple[RelationUse, Relation, int]]:
        """Give the uses of tables that have a column of this name, and its number."""
        for use in self.analysis.facts.uses:
            relation = self.relations.get(use.relation)
            if relation is None or relation.kind not in {"r", "p"} or use.effect not in effects:
                continue
            for each in relation.columns:
                if each.name == column:
                    yield use, relation, each.number


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule: its name in the configuration, what it asks for, what a project that sets nothing gets."""

    name: str
    summary: str
    default: Severity
    find: Callable[[Judged], Iterator[Finding]]


def _select_star(judged: Judged) -> Iterator[Finding]:
    text = judged.query.text
    words = [token for token in tokens(text) if token.kind not in COMMENTS]
    for index, token in enumerate(words):
        if token.text(text) != "*":
            continue
        before = words[index - 1].text(text).upper() if index else ""
        after = words[index + 1].text(text).upper() if index + 1 < len(words) else ""
        opens = before in {"SELECT", "DISTINCT", "ALL", "RETURNING", ",", "."}
        if (opens or before == ")") and after in {"", "FROM", ",", ")", ";", "WHERE", "INTO", "UNION"}:
            if _is_in_exists(words, index, text) or _is_embedded(judged.query, words, index, text):
                continue
            columns = len(judged.analysis.columns)
            yield Finding(
                token.start,
                f"a star means columns that change with the table; now the result has {columns}",
                "name the columns: a statement that was prepared with a star fails once a column is added",
            )


def _is_in_exists(words: Sequence[Token], index: int, text: str) -> bool:
    before = [word.text(text).upper() for word in words[max(index - 3, 0) : index]]
    return before == ["EXISTS", "(", "SELECT"]


def _is_embedded(query: Query, words: Sequence[Token], index: int, text: str) -> bool:
    tables = {embed.table for embed in query.embeds}
    return index > 1 and words[index - 1].text(text) == "." and words[index - 2].text(text) in tables


def _where(judged: Judged) -> Iterator[Finding]:
    for use in judged.analysis.facts.uses:
        relation = judged.relations.get(use.relation)
        if use.effect in _WRITTEN and not use.filtered and relation is not None:
            yield Finding(
                None,
                f"{use.effect.upper()} without WHERE changes every row of {relation.qualified_name}",
                "add a WHERE; if all rows are meant: WHERE true",
            )


def _updated_at(judged: Judged) -> Iterator[Finding]:
    for use, relation, number in judged.uses("updated_at", Effect.UPDATE, Effect.INSERT, Effect.MERGE):
        if any(number not in assigned for assigned in use.assigned):
            yield Finding(
                None,
                f"an UPDATE of {relation.qualified_name} leaves updated_at as it is",
                "set updated_at = now() along with the others",
            )


def _one_row(judged: Judged) -> Iterator[Finding]:
    query = judged.query
    if query.kind not in {QueryKind.ONE, QueryKind.OPT} or query.first_row:
        return
    if not judged.analysis.at_most_one_row and not _gathers_into_one(judged):
        yield Finding(
            None,
            f":{query.kind} stands over a statement that can return more than one row",
            "compare all columns of a unique key with =, add LIMIT 1, or write :many",
        )


def _gathers_into_one(judged: Judged) -> bool:
    """Return whether all rows make one model with a list in it: the key of the table that it is of has one value."""
    columns = judged.analysis.columns
    shape = nested_shape([column.name for column in columns], rename_duplicates=True)
    if not isinstance(shape, Shape) or not has_list(shape):
        return False
    origins = [origin for leaf in shape.leaves if (origin := columns[leaf.column].origin) is not None]
    tables = {origin.table_oid for origin in origins}
    relation = judged.relations.get(min(tables)) if len(tables) == 1 else None
    if relation is None or not relation.primary_key:
        return False
    key = frozenset(relation.primary_key)
    uses = [use for use in judged.analysis.facts.uses if use.relation == relation.oid]
    return key <= {origin.number for origin in origins} and all(key <= use.bound for use in uses)


def _soft_delete(judged: Judged) -> Iterator[Finding]:
    if judged.query.include_deleted:
        return
    for use, relation, number in judged.uses("deleted_at", Effect.READ, Effect.UPDATE, Effect.DELETE):
        if number not in use.required_null:
            yield Finding(
                None,
                f"{relation.qualified_name} is soft-deleted, and no condition here is deleted_at IS NULL",
                "add deleted_at IS NULL, or the line -- include-deleted below the name",
            )


def _user_scope(judged: Judged) -> Iterator[Finding]:
    if judged.query.across_users:
        return
    for use, relation, number in judged.uses("user_id", Effect.READ, Effect.UPDATE, Effect.DELETE):
        if number not in use.bound:
            yield Finding(
                None,
                f"{relation.qualified_name} belongs to users, and no condition is user_id =",
                "add user_id = :user_id, or the line -- across-users below the name",
            )


def _docstring(judged: Judged) -> Iterator[Finding]:
    if not judged.query.docstring:
        yield Finding(
            None,
            "the query has no description",
            "write a comment between the name and the SQL: it becomes the docstring",
        )


POLICIES = (
    Policy("select-star", "Results name their columns.", Severity.OFF, _select_star),
    Policy("where", "UPDATE and DELETE have a WHERE.", Severity.WARNING, _where),
    Policy("updated-at", "An UPDATE sets updated_at where the table has one.", Severity.OFF, _updated_at),
    Policy("one-row", "At most one row is possible where one is promised.", Severity.WARNING, _one_row),
    Policy("soft-delete", "Soft-deleted rows are left out.", Severity.OFF, _soft_delete),
    Policy("user-scope", "A user's rows are read and written as theirs.", Severity.OFF, _user_scope),
    Policy("docstring", "A query has a description.", Severity.OFF, _docstring),
)


def judge(judged: Judged, severities: Mapping[str, Severity]) -> Iterator[tuple[Policy, Severity, Finding]]:
    """Give what breaks a rule that is not off; the same finding once."""
    for policy in POLICIES:
        severity = severities.get(policy.name, policy.default)
        if severity is not Severity.OFF:
            for finding in dict.fromkeys(policy.find(judged)):
                yield policy, severity, finding
