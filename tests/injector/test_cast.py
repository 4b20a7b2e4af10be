"""The starts of a mix, dealt in the proportion of the weights."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from arangolab.injector.cast import Cast


@settings(deadline=None)
@given(st.lists(st.integers(1, 5), min_size=2, max_size=4), st.integers(1, 4), st.integers(0, 9))
def test_the_proportion_is_exact_whoever_plays(weights: list[int], of: int, seed: int) -> None:
    """In every round each scenario comes as often as its weight; processes agree on who plays."""
    roles: Any = [f"role {n}" for n in range(len(weights))]
    size = sum(weights)
    whole = Cast(roles, weights, seed)
    dealt = [whole.role(number) for number in range(size * 3)]
    for turn in range(3):
        counted = Counter(dealt[turn * size : (turn + 1) * size])
        assert counted == Counter(dict(zip(roles, weights, strict=True)))
    for index in range(of):
        share = Cast(roles, weights, seed)
        assert [share.role(n) for n in range(index, size * 3, of)] == dealt[index::of]
