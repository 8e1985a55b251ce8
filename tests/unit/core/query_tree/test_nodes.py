"""The reader of the server's node text: what it reads, and that what it cannot read is no wrong node."""

from __future__ import annotations

import pytest

from codezest_sql.core.nullability import CatalogFacts, Nullability, analyse_tree
from codezest_sql.core.query_tree.nodes import Node, TreeError, key, read_nodes, walk

TREE = (
    '({QUERY :commandType 1 :canSetTag true :cteList <> :names ("a" "i") :ids (o 1 2) :set (b 3 5)\n'
    ":value 4 [ 1 0 0 0 ] :ctename a\\ b\\) :arg {VAR :varno 2 :location 17} :args ({CONST :n 1} {CONST :n 2})})"
)
NOTHING_KNOWN = CatalogFacts(
    version=18,
    not_null={},
    not_null_in_children={},
    strict=frozenset(),
    volatile=frozenset(),
    set_returning=frozenset(),
    builtins={},
    operators={},
    type_kinds={},
    not_null_domains=frozenset(),
)


def only(text: str) -> Node:
    """Return the single node of a text."""
    (node,) = read_nodes(text)
    return node


def test_fields_are_read_by_their_kind() -> None:
    node = only(TREE)
    assert node.kind == "QUERY"
    assert node.number("commandType") == 1
    assert node.flag("canSetTag")
    assert not node.has("cteList")
    assert node.children("cteList") == ()
    assert node.length("names") == 2
    assert node.numbers("ids") == (1, 2)
    assert node.set("set") == {3, 5}
    assert node.fields["value"] == ("4", "[", "1", "0", "0", "0", "]")
    assert node.text("ctename") == "a b)"
    assert node.child("arg").number("varno") == 2
    assert [each.number("n") for each in node.children("args")] == [1, 2]


def test_a_field_that_an_older_server_lacks_is_empty() -> None:
    node = only("({VAR :varno 1})")
    assert node.set("varnullingrels") == frozenset()
    assert node.number("varreturningtype") == 0
    assert not node.flag("isVirtual")
    assert node.optional("arg") is None


def test_a_quoted_letter_is_no_list_of_numbers() -> None:
    assert only('({ALIAS :colnames ("i" "1")})').length("colnames") == 2


def test_a_name_that_looks_like_a_field_is_a_value() -> None:
    """``SELECT 1 AS ":resjunk"``: the server does not escape a colon."""
    node = only("({TARGETENTRY :resname :resjunk :resno 1 :resjunk false})")
    assert node.text("resname") == ":resjunk"
    assert not node.flag("resjunk")


def test_a_line_break_within_a_name_is_the_space_that_it_replaced() -> None:
    assert only("({CTE :ctename a\\\nb})").text("ctename") == "a b"


def test_what_is_written_elsewhere_has_the_same_key() -> None:
    one, two, other = (
        only(f"({{VAR :varno {number} :location {place}}})") for number, place in ((1, 5), (1, 9), (2, 5))
    )
    assert key(one) == key(two) != key(other)


def test_every_node_is_walked_outermost_first() -> None:
    assert [node.kind for node in walk(only(TREE))] == ["QUERY", "VAR", "CONST", "CONST"]


@pytest.mark.parametrize(
    "text", ["", "(", "({", "({QUERY", "({QUERY :a 1}", "({QUERY :a 1}))", "x", "(1 2)", "({:a})"]
)
def test_what_is_no_tree_is_refused(text: str) -> None:
    with pytest.raises(TreeError):
        [node.child("a") for node in read_nodes(text)]


@pytest.mark.parametrize("ask", ["child", "number", "flag", "children", "set", "text", "numbers", "optional"])
def test_a_field_of_another_kind_is_refused(ask: str) -> None:
    node = only("({NODE :field (x {A :b c}) :word w})" if ask in {"text", "number", "flag"} else "({NODE :field w})")
    with pytest.raises(TreeError):
        getattr(node, ask)("field")


def test_a_tree_that_ends_anywhere_proves_nothing_and_raises_nothing() -> None:
    for end in range(len(TREE)):
        found = analyse_tree(TREE[:end], columns=2, catalog=NOTHING_KNOWN)
        assert found == Nullability((False, False), frozenset())


@pytest.mark.parametrize("depth", [10, 5_000])
def test_an_expression_of_any_depth_is_no_failure(depth: int) -> None:
    """Too deep for us is nullable."""
    inner = "{CONST :constisnull false}"
    expression = "{RELABELTYPE :arg " * depth + inner + "}" * depth
    tree = (
        "({QUERY :commandType 1 :canSetTag true :jointree {FROMEXPR :fromlist <> :quals <>} :targetList "
        f"({{TARGETENTRY :expr {expression} :resno 1 :resjunk false}})}})"
    )
    assert analyse_tree(tree, columns=1, catalog=NOTHING_KNOWN).not_null == (depth < 100,)


def test_an_unknown_node_is_nullable() -> None:
    tree = (
        "({QUERY :commandType 1 :canSetTag true :jointree {FROMEXPR :fromlist <> :quals {NEWQUAL :a 1}} :targetList "
        "({TARGETENTRY :expr {NEWEXPR :arg 1} :resno 1 :resjunk false} "
        "{TARGETENTRY :expr {CONST :constisnull false} :resno 2 :resjunk false})})"
    )
    assert analyse_tree(tree, columns=2, catalog=NOTHING_KNOWN).not_null == (False, True)


def test_a_tree_of_another_number_of_columns_proves_nothing() -> None:
    tree = (
        "({QUERY :commandType 1 :canSetTag true :jointree {FROMEXPR :fromlist <> :quals <>} :targetList "
        "({TARGETENTRY :expr {CONST :constisnull false} :resno 1 :resjunk false})})"
    )
    assert analyse_tree(tree, columns=2, catalog=NOTHING_KNOWN).not_null == (False, False)
