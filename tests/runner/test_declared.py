"""A ramp's steps and its way back down, as they are steered: judgements in, moves out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arangolab.capacity import back_words
from arangolab.injector.protocol import Interval
from arangolab.plan import Plan, Step
from arangolab.runner.asked import Ending
from arangolab.runner.steering import Declared, Done, Move
from arangolab.runner.timetable import Held
from tests.runfile import made

HOLD_S = 10.0


class Ramp:
    """A ramp by 10, 20, 40, whose steps are held at once."""

    def __init__(self, path: Path) -> None:
        self.writer = made.begun(path)
        steps = tuple(Step(rate_per_s=rate, hold_s=HOLD_S) for rate in (10.0, 20.0, 40.0))
        plan = Plan(steps=steps, stop_when_maxed_out=True, ramp_down=True)
        self.steering = Declared(plan, self.writer)
        self.held = 0

    def hold(
        self, rate: float, sustained: bool = True, valid: bool = True, in_flight: int = 1
    ) -> Move | Ending:
        """The rate was held and judged so; what comes next."""
        from_s = 100 + HOLD_S * self.held
        for second in range(1, int(HOLD_S) + 1):
            self.writer.interval(0, Interval(t_s=from_s + second, in_flight=in_flight))
        self.writer.commit()
        judgement = {
            "sustained": sustained, "valid": valid, "reasons": (),
            "observation": {"service_mean_ms": 100.0},
        }  # fmt: skip
        held = Held(rate_per_s=rate, processes=1, from_s=from_s, until_s=from_s + HOLD_S)
        self.held += 1
        return self.steering.after(Done(held, self.held - 1, judgement, held.until_s))

    def told(self) -> str:
        """The run ends: how the server came back, in words."""
        self.steering.close(1000.0)
        return back_words(self.steering._back)


@pytest.fixture
def ramp(tmp_path: Path) -> Iterator[Ramp]:
    """A ramp at its begin."""
    made_here = Ramp(tmp_path / "run.sqlite")
    yield made_here
    made_here.writer.close()


def rate_of(move: Move | Ending) -> float:
    """Which rate comes next."""
    assert isinstance(move, Move)
    return move.step.rate_per_s


def overloaded(ramp: Ramp) -> Ramp:
    """10 and 20 were sustained, 40 was not."""
    ramp.hold(10.0)
    ramp.hold(20.0)
    assert rate_of(ramp.hold(40.0, sustained=False, in_flight=90)) == 20
    return ramp


def test_a_server_that_comes_back_is_told_so(ramp: Ramp) -> None:
    """At the highest rate that is sustained again."""
    assert isinstance(overloaded(ramp).hold(20.0), Ending)
    assert "it recovered at 20 scenarios/s" in ramp.told()


def test_a_server_that_stays_down_is_told_so(ramp: Ramp) -> None:
    """Every rate on the way down was too much, and each of them is believed."""
    assert rate_of(overloaded(ramp).hold(20.0, sustained=False)) == 10
    assert isinstance(ramp.hold(10.0, in_flight=90), Ending)
    assert "it did not recover" in ramp.told()


def test_a_run_that_ends_on_its_way_down_says_nothing_about_it(ramp: Ramp) -> None:
    """Before the first step back, and between two of them."""
    assert "not known: the run ended on its way back down" in overloaded(ramp).told()
    ramp.hold(20.0, sustained=False)
    assert "not known: the run ended on its way back down" in ramp.told()


def test_a_way_down_that_is_not_valid_says_nothing(ramp: Ramp) -> None:
    """The injector was the limit at one of its rates."""
    overloaded(ramp).hold(20.0, sustained=False, valid=False)
    ramp.hold(10.0, sustained=False)
    assert "not known: not every step on the way back down is valid" in ramp.told()


def test_without_a_sustained_rate_there_is_no_way_down(ramp: Ramp) -> None:
    """The first rate was too much already: no recovery was tried."""
    assert isinstance(ramp.hold(10.0, sustained=False), Ending)
    assert "not known: no lower rate had been sustained" in ramp.told()


def test_a_rate_changed_by_hand_on_the_way_down(ramp: Ramp) -> None:
    """It is judged like any other, by what is usual at the rate next to it."""
    assert isinstance(overloaded(ramp).hold(17.0), Ending)
    assert "it recovered at 17 scenarios/s" in ramp.told()


def test_a_rate_changed_by_hand_on_the_way_up(ramp: Ramp) -> None:
    """The judgement is that of the rate held, so the way down goes to that one."""
    ramp.hold(10.0)
    ramp.hold(15.0)
    assert rate_of(ramp.hold(40.0, sustained=False, in_flight=90)) == 15
    ramp.hold(15.0, sustained=False)
    assert isinstance(ramp.hold(10.0), Ending)


def test_back_down_is_below_what_was_too_much(ramp: Ramp) -> None:
    """A rate that was sustained above it, set by hand, is none to go back to."""
    ramp.hold(50.0)
    ramp.hold(12.0)
    assert rate_of(ramp.hold(40.0, sustained=False, in_flight=90)) == 12


def test_an_older_run_file_keeps_its_words() -> None:
    """A recovery that was written without the reason is told as it was."""
    old: dict[str, Any] = {"overload_per_s": 20.0, "back_at_per_s": None, "recovery_s": None}
    assert "it did not recover" in back_words(old)
