"""The wall clock laid against the run's own."""

from __future__ import annotations

from arangolab.runner.wall import WallClock


def test_a_clock_that_is_set_is_followed() -> None:
    """And small differences are not: they are those of two readings one after the other."""
    wall, now = [5000.0], [0.0]
    clock = WallClock(lambda: now[0], 5000.0, lambda: wall[0])
    now[0], wall[0] = 10.0, 5010.1
    assert clock.look() == 0
    wall[0] += 3600
    assert round(clock.look(), 1) == 3600.1
    assert round(clock.started_unix_s, 1) == 8600.1
    assert clock.look() == 0
