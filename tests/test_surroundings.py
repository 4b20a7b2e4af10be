"""The host around a held rate."""

from __future__ import annotations

import pytest

from arangolab.surroundings import surroundings

POINTS = [
    (float(t), source, name, value)
    for t in range(1, 11)
    for source, name, value in (
        ("host", "cores", 4.0),
        ("host", "cpu_busy_cores", 3.0),
        ("host", "cpu_others_cores", 1.0 if t <= 5 else 2.0),
        ("host", "cpu_steal_cores", 0.5),
        ("host", "clock_offset_s", 0.0 if t < 8 else -2.0),
        ("proc", "cpu_user_cores", 0.6),
        ("proc", "cpu_system_cores", 0.2),
    )
]


def test_means_are_taken_over_the_judged_part_alone() -> None:
    """What went on before the hold, or after it, is not its matter."""
    found = surroundings(POINTS, 6.0, 10.0)
    assert found is not None
    assert found.others_cores == 2.0
    assert found.server_cores == pytest.approx(0.8)
    assert found.taken_ratio == pytest.approx(2.5 / 4)
    assert found.idle_ratio == pytest.approx(0.125)
    assert found.clock_step_s == -2.0


def test_a_clock_that_was_set_before_the_hold_does_not_matter_to_it() -> None:
    """Only a step within it does."""
    found = surroundings(POINTS, 8.0, 10.0)
    assert found is not None
    assert found.clock_step_s == 0.0


def test_without_samples_nothing_is_said() -> None:
    """A run of an earlier version has none, and a server on another host no process."""
    assert surroundings([], 0.0, 10.0) is None
    alone = [point for point in POINTS if point[1] == "host"]
    found = surroundings(alone, 0.0, 10.0)
    assert found is not None
    assert found.server_cores is None
