"""AQL's values: order, equality, conversions."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arangolab.sandbox.values import equal, freeze, sort_key, tidy, to_number, truthy

# Each is less than the next.
ASCENDING: list[Any] = [
    None, False, True, -1.5, 0, 1, 1.5, 2, "", "_x", "0", "9", "a", "A", "b", "B", "ba",
    [], [False], [True], [0], [1], [1, 2], [2], [100, -1], ["a"], [[]],
    {}, {"b": 1}, {"a": 0}, {"a": 1}, {"a": 1, "b": 2}, {"a": [1]},
]  # fmt: skip


def test_the_order_of_values() -> None:
    """Types come in AQL's order, and values within a type in theirs."""
    for (i, left), (j, right) in itertools.product(enumerate(ASCENDING), repeat=2):
        assert (sort_key(left) > sort_key(right)) == (i > j), (left, right)
        assert (sort_key(left) > sort_key(right)) == (i > j), (left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [(1, 1.0), ([], [None]), ({}, {"a": None}), ({"a": [1, None]}, {"a": [1], "b": None})],
)
def test_what_is_equal(left: Any, right: Any) -> None:
    """A missing element counts as null; whole floats equal integers."""
    assert equal(left, right)
    assert freeze(left) == freeze(right)


@pytest.mark.parametrize(
    ("left", "right"), [(1, True), (0, False), (None, 0), ("1", 1), ("a", "A")]
)
def test_what_is_not_equal(left: Any, right: Any) -> None:
    """Other types are never equal."""
    assert not equal(left, right)
    assert freeze(left) != freeze(right)


def test_letters_sort_as_people_do() -> None:
    """Accents and case count only where letters are the same."""
    assert sorted(["zeta", "Äpfel", "apfel", "Zeta", "Apfel"], key=sort_key) == [
        "apfel",
        "Apfel",
        "Äpfel",
        "zeta",
        "Zeta",
    ]


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (None, 0),
        (True, 1),
        ("12", 12),
        (" -1.5e1 ", -15),
        ("12a", 0),
        ([7], 7),
        ([1, 2], 0),
        ({}, 0),
    ],
)
def test_to_number(value: Any, number: float) -> None:
    """Conversion is lenient, as AQL's arithmetic is."""
    assert to_number(value) == number


VALUES: list[Any] = [None, False, 0, "", [], {}, "0", -1]


def test_truth_and_tidy_numbers() -> None:
    """Empty arrays are true, 0 and "" are not; whole floats are shown as integers."""
    assert [truthy(v) for v in VALUES] == [False] * 4 + [True] * 4
    assert [tidy(v) for v in (2.0, 2.5, float("inf"), float("nan"))] == [2, 2.5, None, None]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0])
    | st.text("aAbé_1", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(JSON, JSON, JSON)
@pytest.mark.slow
def test_the_order_is_total(a: Any, b: Any, c: Any) -> None:
    """Antisymmetric, transitive, and of one mind with equality and frozen values."""
    one, two, three = map(sort_key, (a, b, c))
    assert [one < two, one == two, one > two].count(True) == 1
    assert (freeze(a) == freeze(b)) == (one == two) == equal(a, b)
    if one <= two <= three:
        assert one <= three
