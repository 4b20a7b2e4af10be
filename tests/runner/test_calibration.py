"""What a scenario costs the injector, out of a few seconds; how many processes follow from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arangolab.plan import PROCESSES_MAX
from arangolab.runner.calibration import CPU_RATIO_AIM, cost_ms, processes_for


def test_at_the_rate_that_was_tried_the_cost_is_what_was_used() -> None:
    """3 s of 50/s used 120 ms of CPU, half of it idle: 0.8 ms each."""
    assert cost_ms(0.12, 0.06, 150, 0.02, 50.0) == pytest.approx(0.8)


def test_at_a_higher_rate_the_idle_part_is_shared_by_more() -> None:
    """0.4 ms are a scenario's own; of 2 % of a core 1000 scenarios bear a thousandth each."""
    assert cost_ms(0.12, 0.06, 150, 0.02, 1000.0) == pytest.approx(0.42)


@given(
    st.floats(1e-3, 10),
    st.floats(0, 20),
    st.integers(1, 10_000),
    st.floats(0, 1),
    st.floats(1, 1e5),
)
def test_a_cost_is_never_next_to_nothing(
    cpu_s: float, idle_s: float, finished: int, ratio: float, rate: float
) -> None:
    """However much an idle injector seemed to use on a busy host."""
    assert cost_ms(cpu_s, idle_s, finished, ratio, rate) >= cpu_s / finished * 1e3 / 4 - 1e-9


@given(st.floats(0.1, 1e5), st.floats(0.001, 10))
def test_each_process_stays_well_below_a_core(rate: float, cost: float) -> None:
    """As many as that needs, one at least, and no more than there may be."""
    processes = processes_for(rate, cost)
    needed = rate * cost / 1e3 / CPU_RATIO_AIM
    assert processes == min(PROCESSES_MAX, max(1, processes))
    assert processes >= min(PROCESSES_MAX, needed)
    assert processes - 1 <= needed
