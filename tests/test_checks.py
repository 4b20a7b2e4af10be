"""Checks of the test itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from arangolab.checks import check, growing
from tests.fake_runs import arrivals, judged, simulate

CALM = judged(simulate(arrivals([5], 20), c=8, mean_s=0.2), 0, 20).observation


def test_a_sound_step_has_no_warning() -> None:
    """Nothing is said where nothing is wrong."""
    assert check(CALM) == ()
    assert not growing(CALM)


@pytest.mark.parametrize(
    ("changes", "words", "fatal"),
    [
        ({"injector_cpu_ratio": 0.81}, "used 81 % of a core", True),
        ({"late_lateness_p99_ms": 60.0}, "started late, 99th percentile 60 ms", False),
        ({"lateness_p99_ms": 400.0}, "injector-limited: scenarios started late", True),
        ({"lateness_p99_ms": 400.0, "service_p50_ms": 2000.0}, "(it counts up to 500 ms)", False),
        ({"started": 50, "achieved_ratio": 0.71}, "50 of 70 arrivals were begun", True),
        ({"failed": 9, "self_inflicted": 9}, "the test itself: 9 of 9 failures", True),
        ({"statsd_sent": 1000, "statsd_received": 900}, "900 of 1000 statsd lines", False),
        ({"statsd_sent": 1000, "statsd_received": 100}, "90 % lost", True),
        ({"shed": 3}, "3 of 70 arrivals were shed", False),
        ({"reused": 2}, "drove a user who was still in flight", False),
        ({"finished": 12}, "only 12 scenarios ended", False),
        ({"intended": 1}, "too few samples: 1 arrivals", True),
        ({"service_p50_ms": 2_000.0}, "only 7 times what a scenario takes (2 s)", False),
        ({"in_flight_mean": 30.0}, "Little's law does not hold: 30 in flight", False),
    ],
)
def test_each_fault_is_told_with_what_to_try(
    changes: dict[str, Any], words: str, fatal: bool
) -> None:
    """A warning names its figures, gives a hint, and says whether it voids the step."""
    found = [w for w in check(replace(CALM, **changes)) if words in w.text]
    assert len(found) == 1
    assert found[0].hint.endswith(".")
    assert found[0].fatal is fatal


@pytest.mark.parametrize(
    "changes",
    [
        {"injector_cpu_ratio": 0.8},
        {"lateness_p99_ms": 50.0},
        {"statsd_sent": 1000, "statsd_received": 995},
        {"statsd_sent": 1000, "statsd_received": None},
        {"started": 69, "achieved_ratio": 69 / 70},
        {"in_flight_mean": 2.0},
    ],
)
def test_what_is_within_tolerance_is_not_told(changes: dict[str, Any]) -> None:
    """Limits themselves and borders of intervals are no fault."""
    assert check(replace(CALM, **changes)) == ()


def test_fatal_warnings_come_first() -> None:
    """The worst is read first."""
    found = check(replace(CALM, reused=2, injector_cpu_ratio=0.9))
    assert [w.fatal for w in found] == [True, False]


def test_littles_law_is_not_asked_of_a_growing_step() -> None:
    """In flight exceeds rate times time while clients pile up; that is no fault of the test."""
    seen = judged(simulate(arrivals([10], 40), c=4, mean_s=0.5), 0, 40).observation
    assert growing(seen)
    assert not any("Little" in w.text for w in check(seen))
