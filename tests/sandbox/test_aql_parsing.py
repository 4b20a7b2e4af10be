"""AQL's text by properties: precedence, and that no text brings anything but an ArangoError."""

from __future__ import annotations

import contextlib
import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.launcher import SandboxProcess
from tests.sandbox.client import Client, new_database
from tests.sandbox.world import database, query, rows

LEVELS = ["||", "&&", "== != =~", "IN", "< <= >= >", "..", "+ -", "* / %"]
"""Binary operators from the weakest to the strongest, as ArangoDB's manual orders them."""
BINDING = {sign: level for level, signs in enumerate(LEVELS) for sign in signs.split()}

LEAVES = st.sampled_from(["0", "1", "2.5", "'a'", "''", "null", "true", "[1, 2]", "{a: 1}", "-3"])
TREES = st.recursive(
    LEAVES, lambda inner: st.tuples(st.sampled_from(sorted(BINDING)), inner, inner), max_leaves=8
)


def written(tree: Any, least: int = -1, *, always: bool = False) -> str:
    """An expression's text, with all brackets or only with those that precedence demands."""
    if isinstance(tree, str):
        return tree
    sign, left, right = tree
    level = BINDING[sign]
    text = " ".join(
        (
            written(left, level, always=always),
            sign,
            written(right, level + 1, always=always),
        )
    )
    return f"({text})" if always or level < least else text


@settings(max_examples=80, deadline=None)
@given(TREES)
def test_precedence(tree: Any) -> None:
    """Brackets that only say what precedence says change nothing."""
    where = database()
    assert rows(where, f"RETURN {written(tree)}") == rows(
        where, f"RETURN {written(tree, always=True)}"
    )


SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    SCALARS | NUMBERS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None)
@given(JSON)
def test_a_value_comes_back_through_text_and_binds(value: Any) -> None:
    """A literal, a bind value and JSON_PARSE(JSON_STRINGIFY()) are all the same value."""
    where = database()
    found = query(
        where,
        "RETURN [@x, JSON_PARSE(JSON_STRINGIFY(@x)), @x == JSON_PARSE(@text)]",
        {"x": value, "text": rows(where, "RETURN JSON_STRINGIFY(@x)", x=value)[0]},
    ).rows[0]
    assert found == [value, value, True]


@settings(max_examples=40, deadline=None)
@given(st.lists(JSON, max_size=6))
def test_order_is_one_order(values: list[Any]) -> None:
    """SORT, SORTED, MIN and MAX, and the comparison operators agree."""
    where = database()
    found = rows(where, "RETURN (FOR v IN @values SORT v RETURN v)", values=values)[0]
    assert found == rows(where, "RETURN SORTED(@values)", values=values)[0]
    steps = "FOR i IN 1..LENGTH(@v) - 1 FILTER i < LENGTH(@v) RETURN @v[i - 1] <= @v[i]"
    assert all(rows(where, steps, v=found)) if len(found) > 1 else True
    known = [value for value in found if value is not None]
    extremes = rows(where, "RETURN [MIN(@v), MAX(@v)]", v=values)[0]
    expected = [known[0], known[-1]] if known else [None, None]
    assert rows(where, "RETURN @a == @b", a=extremes, b=expected) == [True]


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_any_characters(text: str) -> None:
    """Whatever characters are sent, the query is refused or gives rows."""
    where = database()
    for prefix in ("", "RETURN ", "RETURN '", "FOR x IN 1..2 "):
        with contextlib.suppress(ArangoError):
            query(where, prefix + text, options={"maxRuntime": 1})


PIECES = "FOR x IN RETURN ( ) [ ] { } 1 'a' .. , : FILTER SORT LIMIT COLLECT @a UPPER( WITH - ? é"


def test_refusals_over_http(sandbox: SandboxProcess) -> None:
    """Over HTTP a query gives 201, or an error in ArangoDB's form."""
    client: Client = new_database(sandbox)

    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.sampled_from(PIECES.split()), min_size=1, max_size=10).map(" ".join))
    def play(text: str) -> None:
        reply = client.ask("POST", "/_api/cursor", {"query": text})
        told = reply.json()
        assert told["code"] == reply.status_code
        if reply.status_code != 201:
            assert told["error"] is True
            assert told["errorNum"] > 0
            assert told["errorMessage"]

    play()


def test_numbers_beyond_any_are_null() -> None:
    """What no double holds is null, as JSON has no word for it."""
    assert rows(database(), "RETURN 1e308 * 10") == [None]
    assert math.isclose(rows(database(), "RETURN 1e308 / 10")[0], 1e307)
