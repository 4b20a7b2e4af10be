"""What AQL refuses, by number and words."""

# ruff: noqa: E501 - a table's row stays on one line

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arangolab.sandbox.faults import ArangoError
from tests.sandbox.world import database, fill, query

REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    ("", {}, 1502, "query is empty"),
    ("  \n ", {}, 1502, "query is empty"),
    (
        "FOR i IN 1..9 FILTER i = 1 RETURN i",
        {},
        1501,
        "syntax error, unexpected assignment near '= 1 RETURN i' at position 1:24",
    ),
    (
        "FOR i IN 1..9\n  RETRUN i",
        {},
        1501,
        "syntax error, unexpected identifier near 'RETRUN i' at position 2:3",
    ),
    ("RETURN 1 +", {}, 1501, "AQL: syntax error, unexpected end of query string near '+' at position 1:10 (while parsing)"),
    ("RETURN [1,\n  ", {}, 1501, "AQL: syntax error, unexpected end of query string near '\n  ' at position 1:11 (while parsing)"),
    ("RETURN 'open", {}, 1501, "unexpected unterminated string literal near"),
    ("RETURN 1 RETURN 2", {}, 1501, "unexpected RETURN declaration near 'RETURN 2'"),
    ("FOR i IN 1..9", {}, 1501, "unexpected end of query string"),
    ("RETURN ~1", {}, 1501, "unexpected character '~'"),
    ("FOR i IN c SEARCH i.x == 1 RETURN i", {}, 1501, "SEARCH is not supported"),
    ("FOR i IN c WINDOW {preceding: 1} RETURN i", {}, 1501, "WINDOW is not supported"),
    ("RETURN [1, 2] AT LEAST (1) > 1", {}, 1501, "AT LEAST is not supported"),
    ("RETURN [1, 2][? FILTER CURRENT > 1]", {}, 1501, "[? is not supported"),
    ("FOR v IN OUTBOUND 'c/a' e OPTIONS {order: 'random'} RETURN v", {}, 10, "'random' with uniqueVertices 'none' is not supported"),
    ("FOR v, e, p IN OUTBOUND K_PATHS 'c/a' TO 'c/b' e RETURN v", {}, 1501, "K_PATHS has up to 1 variables"),
    ("FOR i IN 'abc' RETURN i", {}, 1563, "AQL: collection or array expected as operand to FOR loop; you provided a value of type 'string' [node #3: EnumerateListNode] (while executing)"),
    ("RETURN NO_SUCH(1)", {}, 1540, "usage of unknown function 'NO_SUCH()'"),
    ("RETURN CALL('concat', 'a', 1)", {}, 1540, "usage of unknown function 'CALL()'"),
    ("RETURN my::udf(1)", {}, 1582, "user function 'MY::UDF()' not found"),
    ("RETURN UPPER()", {}, 1541, "invalid number of arguments for function 'UPPER()'"),
    ("FOR i IN nowhere RETURN i", {}, 1203, "collection or view not found: nowhere"),
    ("RETURN nothing", {}, 1203, "collection or view not found: nothing"),
    ("RETURN @x", {}, 1551, "no value specified for declared bind parameter 'x'"),
    ("FOR i IN @@c RETURN i", {}, 1551, "no value specified for declared bind parameter '@c'"),
    ("FOR i IN @@c RETURN i", {"@c": 1}, 1553, "bind parameter '@c' has an invalid value or type"),
    ("RETURN 1", {"x": 1}, 1552, "bind parameter 'x' was not declared in the query"),
    ("LET a = 1 LET a = 2 RETURN a", {}, 1511, "variable 'a' is assigned multiple times"),
    ("FOR d IN c REMOVE d IN c RETURN LENGTH(c)", {}, 1579, "access after data-modification by c"),
    ("REMOVE 'x' IN c", {}, 1202, "AQL: document not found [node #3: RemoveNode] (while executing)"),
    ("INSERT {_key: 'a'} INTO c", {}, 1210, "over '_key'; conflicting key: a [node #3: InsertNode]"),
    ("INSERT {_key: ' '} INTO c", {}, 1221, "illegal document key"),
    ("INSERT 7 INTO c", {}, 1227, "invalid document type"),
    ("REMOVE 7 IN c", {}, 1205, "illegal document identifier"),
    ("INSERT {} INTO c OPTIONS {waitForSync: 1 == 1}", {}, 1575, "query compile time"),
    ("FOR i IN 1..9 LIMIT -1 RETURN i", {}, 1504, "number out of range"),
    ("FOR v IN OUTBOUND 'c/a' GRAPH 'none' RETURN v", {}, 1924, "graph 'none' not found"),
    ("RETURN FAIL('on purpose')", {}, 1569, "FAIL(on purpose) called"),
    ("FOR i IN c COLLECT AGGREGATE x = UPPER(i) RETURN x", {}, 1574, "'UPPER()'"),
    ("FOR i IN c COLLECT AGGREGATE x = MAX(i.a) WITH COUNT INTO n RETURN n", {}, 1501, "WITH"),
    ("RETURN 1..100000000", {}, 1504, "too many elements"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "binds", "error_num", "words"), REFUSED)
def test_refused(text: str, binds: dict[str, Any], error_num: int, words: str) -> None:
    """A query that cannot be run says why, with ArangoDB's number."""
    where = database("c", edges=("e",))
    fill(where, "c", {"_key": "a"})
    with pytest.raises(ArangoError) as caught:
        query(where, text, binds)
    assert caught.value.error_num == error_num, caught.value.message
    assert words in caught.value.message


WARNED = [
    ("RETURN 1 / 0", 1562, None),
    ("RETURN 1 % 0", 1562, None),
    ("RETURN SUM('x')", 1563, None),
    ("RETURN REPEAT('x', -1)", 1542, None),
    ("RETURN DATE_YEAR('tomorrow')", 1572, None),
    ("RETURN 'x' =~ '('", 1543, None),
]


@pytest.mark.parametrize(("text", "code", "value"), WARNED)
def test_warnings(text: str, code: int, value: Any) -> None:
    """A bad argument gives null and a warning; an error only with failOnWarning."""
    result = query(database(), text)
    assert ([w["code"] for w in result.extra["warnings"]], result.rows) == ([code], [value])
    with pytest.raises(ArangoError) as caught:
        query(database(), text, options={"failOnWarning": True})
    assert caught.value.error_num == code


@pytest.mark.parametrize(
    "text",
    [
        "FOR i IN c OPTIONS {nonsense: 1} RETURN i._key",
        "INSERT {_key: 'b'} INTO c OPTIONS {nonsense: 1} RETURN NEW._key",
        "FOR v IN OUTBOUND 'c/a' e OPTIONS {nonsense: 1} RETURN v._key",
        "FOR i IN c COLLECT k = i._key OPTIONS {nonsense: 1} RETURN k",
    ],
)
def test_unknown_options_are_warned_of(text: str) -> None:
    """A query with an option that is not known says so, and runs."""
    where = database("c", edges=("e",))
    fill(where, "c", {"_key": "a"})
    found = query(where, text).extra["warnings"]
    assert [(w["code"], "'nonsense'" in w["message"]) for w in found] == [(1539, True)]


def test_a_query_can_be_stopped() -> None:
    """MaxRuntime ends an endless query with 1500, memoryLimit a huge result with 32."""
    short = " ".join(f"FOR {name} IN 1..3" for name in "ijklmnopqrstuvwxyz")
    inner = "FOR i IN 1..900 FILTER LENGTH(FOR j IN 1..900 FILTER LENGTH(FOR k IN 1..900 RETURN k)"
    inner += " == 0 RETURN j)"
    long = "FOR i IN 1..900 FOR j IN 1..900 FOR k IN 1..900"
    for loops in ("FOR i IN 1..9000000", long, short, inner):
        with pytest.raises(ArangoError) as caught:
            query(database(), f"{loops} FILTER i < 0 RETURN i", options={"maxRuntime": 0.01})
        assert caught.value.error_num == 1500
    with pytest.raises(ArangoError) as caught:
        query(database(), "FOR i IN 1..9999 RETURN i", options={"memoryLimit": 1000})
    assert caught.value.error_num == 32


def test_deep_nesting_is_refused() -> None:
    """Thousands of levels are an error, not a crash; brackets that change nothing are none."""
    assert query(database(), f"RETURN {'(' * 5000}1{')' * 5000}").rows == [1]
    for text in ("[" * 5000 + "]" * 5000, "-" * 5000 + "1", "1 + (" * 5000 + "1" + ")" * 5000):
        with pytest.raises(ArangoError):
            query(database(), f"RETURN {text}")


KEYWORDS = "FOR LET FILTER RETURN COLLECT SORT LIMIT WINDOW IN WITH INTO AGGREGATE GRAPH SHORTEST_PATH K_PATHS DISTINCT REMOVE INSERT UPDATE REPLACE UPSERT NULL NOT AND OR LIKE OUTBOUND ANY ALL"
SIGNS = '( ) [ ] { } . , : ? = < > + - * / % ! | & == .. [*] ` " LENGTH( PRUNE \\ OLD COUNT'
OPERANDS = "x c e doc 1 0.5 's' @p @@c OPTIONS"
WORDS = st.sampled_from(f"{KEYWORDS} {SIGNS} {OPERANDS}".split())


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=14).map(" ".join))
def test_any_text_gives_rows_or_an_arango_error(text: str) -> None:
    """Whatever is sent as a query, nothing but an ArangoError comes out."""
    where = database("c", edges=("e",))
    with contextlib.suppress(ArangoError):
        query(where, text, {})
