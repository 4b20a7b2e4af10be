"""Objectives in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arangolab.errors import InputError
from arangolab.objective import Objective


def test_an_objective_is_read_from_words() -> None:
    """Terms by commas; what is not named keeps its default."""
    assert Objective.parse("response_p95<500ms, errors<1%, in_flight stable") == Objective(
        response_p95_ms_max=500
    )
    assert Objective.parse("response_p99 <= 2s,achieved>=95%, in_flight any") == Objective(
        response_p99_ms_max=2000, shed_ratio_max=0.05, in_flight_stable=False
    )
    assert Objective.parse("errors<0.002, finished>80%") == Objective(
        error_ratio_max=0.002, finished_ratio_min=0.8
    )
    assert Objective.parse("") == Objective()


@given(
    st.builds(
        Objective,
        error_ratio_max=st.integers(0, 100).map(lambda n: n / 100),
        shed_ratio_max=st.integers(0, 99).map(lambda n: n / 100),
        finished_ratio_min=st.integers(1, 100).map(lambda n: n / 100),
        response_p50_ms_max=st.none() | st.integers(1, 10**6),
        response_p95_ms_max=st.none() | st.integers(1, 10**6),
        response_p99_ms_max=st.none() | st.integers(1, 10**6),
        in_flight_stable=st.booleans(),
    )
)
def test_what_an_objective_says_of_itself_can_be_read_again(objective: Objective) -> None:
    """Its text is stored, shown, and can be given on the command line."""
    assert Objective.parse(str(objective)) == objective


@pytest.mark.parametrize(
    "text",
    ["speed<3", "response_p95<500", "response_p42<1s", "errors>1%", "errors<150%", "in_flight",
     "response_p95<1.2.3ms", "errors<1%, errors<2%", "response_p95<0ms", "achieved<1%"],
)  # fmt: skip
def test_what_is_not_understood_is_named(text: str) -> None:
    """One sentence with the term, and an example."""
    with pytest.raises(InputError, match="objective") as caught:
        Objective.parse(text)
    assert text.partition(",")[2].strip() or text in str(caught.value)
    assert "response_p95<500ms" in caught.value.hint
