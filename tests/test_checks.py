"""Checks of the test itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from arangolab.capacity import judge
from arangolab.checks import check, growing
from arangolab.plan import Objective
from arangolab.surroundings import Surroundings
from tests.fake_runs import arrivals, judged, simulate

CALM = judged(simulate(arrivals([5], 20), c=8, mean_s=0.2), 0, 20).observation
QUIET = Surroundings(
    cores=2.0, busy_cores=1.0, others_cores=0.1, steal_cores=0.0, iowait_cores=0.0,
    server_cores=0.6, server_cores_max=2.0, clock_step_s=0.0,
)  # fmt: skip
CROWDED = replace(QUIET, busy_cores=1.7, steal_cores=0.28, others_cores=0.9)


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
        ({"in_flight_mean": 2.0 + 1.5}, "Little's law does not hold", False),
        ({"in_flight_mean": 30.0}, "Little's law does not hold: 30 in flight", True),
        ({"loop_lag_ms": 400.0}, "event loop stood still for up to 400 ms", False),
        ({"around": CROWDED}, "a neighbour took 1.18 of this host's 2 cores, 0.28 of", False),
        ({"around": replace(QUIET, clock_step_s=-0.2)}, "clock went back by 200 ms", False),
        ({"around": replace(QUIET, clock_step_s=60.0)}, "clock went forward by 1 min", True),
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
        {"around": QUIET},
        {"around": replace(QUIET, clock_step_s=0.05)},
    ],
)
def test_what_is_within_tolerance_is_not_told(changes: dict[str, Any]) -> None:
    """Limits themselves and borders of intervals are no fault."""
    assert check(replace(CALM, **changes)) == ()


def test_shed_arrivals_are_the_bounds_fault_as_long_as_the_server_is_as_fast_as_ever() -> None:
    """Long scenarios fill a small bound though nothing is wrong with the server."""
    steady = replace(CALM, shed=30, service_p50_ms=210.0, service_calm_ms=200.0)
    slower = replace(steady, service_p50_ms=400.0)
    failing = replace(steady, error_ratio=0.2)
    assert judge(steady, Objective()).reasons[0].startswith("injector-limited: 30 of 70 arrivals")
    assert judge(slower, Objective()).valid
    assert judge(failing, Objective()).valid


def test_a_neighbour_excuses_what_failed_and_takes_nothing_from_what_was_met() -> None:
    """A crowded host can only make a server look worse."""
    met = judge(replace(CALM, around=CROWDED), Objective())
    assert met.sustained
    missed = judge(
        replace(CALM, around=CROWDED, error_ratio=0.2, worst_error_ratio=0.2), Objective()
    )
    assert not missed.valid
    assert missed.reasons[0].startswith("not valid: a neighbour took 1.18 of this host's 2 cores")


@pytest.mark.parametrize(
    "around",
    [replace(CROWDED, server_cores=0.2), replace(CROWDED, server_cores=None),
     replace(CROWDED, busy_cores=1.2), replace(CROWDED, server_cores_max=0.6)],
)  # fmt: skip
def test_a_neighbour_is_no_excuse_where_the_server_had_the_cpu_it_needed(
    around: Surroundings,
) -> None:
    """It asked for little or had all it may have, some was free, or it is on another host."""
    assert judge(replace(CALM, around=around, worst_error_ratio=0.2), Objective()).valid


def test_every_reason_of_an_invalid_step_says_whose_fault_it_is() -> None:
    """Injector-limited, or not valid and why."""
    for changes in ({"injector_cpu_ratio": 0.9}, {"intended": 1}):
        found = judge(replace(CALM, **changes), Objective())
        assert not found.sustained
        assert found.reasons[0].startswith(("injector-limited: ", "not valid: too few samples"))


def test_fatal_warnings_come_first() -> None:
    """The worst is read first."""
    found = check(replace(CALM, reused=2, injector_cpu_ratio=0.9))
    assert [w.fatal for w in found] == [True, False]


def test_littles_law_is_not_asked_of_a_growing_step() -> None:
    """In flight exceeds rate times time while clients pile up; that is no fault of the test."""
    seen = judged(simulate(arrivals([10], 40), c=4, mean_s=0.5), 0, 40).observation
    assert growing(seen)
    assert not any("Little" in w.text for w in check(seen))
