"""How a running run stands, in words."""

from __future__ import annotations

import math
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from arangolab.metrics.sample import Sample
from arangolab.plan import Plan, Step
from arangolab.runfile import open_run
from arangolab.runfile.follower import Follower, left_words
from tests.runfile import made


def test_a_run_of_one_step(tmp_path: Path) -> None:
    """Scenario, rate, what is in flight, errors, and how long it still takes."""
    writer = made.begun(tmp_path / "run.sqlite")
    follower = Follower(open_run(writer.path))
    assert follower.words() == "login, 10 scenarios/s, 0 in flight, 0 errors, 3 s left"
    made.fill(writer)
    writer.samples([Sample(1.0, "injector", "in_flight", 7.0, "scenarios")])
    writer.commit()
    assert "7 in flight, 4 errors" in follower.words()
    writer.close()


def test_a_ramp(tmp_path: Path) -> None:
    """The number of the step among those planned; before the first one it warms up."""
    writer = made.begun(tmp_path / "run.sqlite")
    steps = tuple(Step(rate_per_s=rate, hold_s=10) for rate in (1, 2, 3))
    writer.meta("plan", asdict(Plan(steps=steps)))
    writer.step_dropped(0)
    writer.meta("started_unix_s", time.time())
    writer.commit()
    follower = Follower(open_run(writer.path))
    assert "warm-up" in follower.words()
    writer.step_begin(0, 1.0, 1, 0.0)
    writer.step_begin(1, 2.0, 1, 10.0)
    writer.commit()
    assert follower.words().startswith("step 2 of 3, 2 scenarios/s")
    writer.close()


@pytest.mark.parametrize(
    ("left_s", "words"), [(12.3, "12 s left"), (0, "draining"), (math.inf, "until stopped")]
)
def test_how_long_is_left(left_s: float, words: str) -> None:
    """Seconds, no end, or nothing but what is in flight."""
    assert left_words(left_s) == words
