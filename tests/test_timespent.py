"""Where a scenario's time went."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arangolab.timespent import Times, sentence, slow_step, spent

CALM = Times(lateness_ms=1.0, service_ms=120.0, steps_ms={"read_user": 20.0, "transaction": 90.0})
BURN = Times(
    lateness_ms=4.0, service_ms=2096.0, steps_ms={"read_user": 30.0, "transaction": 2000.0},
    server_queue_ms=1500.0,
)  # fmt: skip


def test_the_parts_are_told_from_the_largest_with_what_they_were_before() -> None:
    """Lateness, steps and the rest, which add up to the mean response time."""
    parts = spent(CALM, BURN)
    assert [one.name for one in parts] == ["step:transaction", "rest", "step:read_user", "lateness"]
    assert sum(one.burn_ms for one in parts) == pytest.approx(2100.0)
    assert sentence(parts, 1500.0) == (
        "A scenario took 2.1 s in the mean: step transaction 2 s (before 90 ms), between the steps "
        "66 ms (before 10 ms), step read_user 30 ms (before 20 ms). Requests had waited 1.5 s in "
        "the server's queue, as it tells."
    )


def test_a_step_within_a_step_is_not_counted_twice() -> None:
    """The outer one has it."""
    nested = Times(lateness_ms=0.0, service_ms=100.0, steps_ms={"all": 95.0, "a": 50.0, "b": 4.0})
    assert [one.name for one in spent(None, nested) if one.burn_ms] == [
        "step:all",
        "step:b",
        "rest",
    ]


def test_a_step_is_slow_by_itself_only_if_it_was_as_slow_before() -> None:
    """What grows with the load waits for something."""
    slow = Times(lateness_ms=0.0, service_ms=1010.0, steps_ms={"read_user": 1000.0})
    assert slow_step(spent(CALM, BURN)) is None
    assert slow_step(()) is None
    for before in (None, slow):
        found = slow_step(spent(before, slow))
        assert found is not None
        assert found.name == "step:read_user"


def test_time_between_the_steps_names_no_step() -> None:
    """A client that waits is no server's fault."""
    assert slow_step(spent(None, Times(lateness_ms=0, service_ms=900, steps_ms={"a": 9}))) is None


@given(
    st.floats(0, 1e4),
    st.floats(0.1, 1e5),
    st.dictionaries(st.text(max_size=3), st.floats(0, 1e5), max_size=6),
)
def test_the_parts_never_exceed_what_there_was(
    late_ms: float, service_ms: float, steps: dict[str, float]
) -> None:
    """Whatever the steps claim, the shares are of one whole."""
    parts = spent(None, Times(lateness_ms=late_ms, service_ms=service_ms, steps_ms=steps))
    assert sum(one.burn_ms for one in parts) <= (late_ms + service_ms) * 1.02
    assert sum(one.share for one in parts) == pytest.approx(1.0)
