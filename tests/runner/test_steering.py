"""What is asked of a run while it runs."""

from __future__ import annotations

import asyncio
import itertools
import math
import time
from pathlib import Path

import pytest

from arangolab.target import Target
from tests.runner.runs import said, scenario, start, total, until_started
from tests.support import until

pytestmark = pytest.mark.slow

DRAIN_S = 10.0
"""What a stop with drain waits for at most, by default."""
STUCK = "def mine(session):\n    session.sleep(30)\n"


def test_the_rate_is_changed_while_it_runs(target: Target, tmp_path: Path) -> None:
    """A new step from each change on; the count is what all rates make over their times."""
    live = start(target, tmp_path / "run.sqlite", (10, 2))
    until_started(live.run, 5)
    live.set_rate(25)
    live.set_rate(40)  # at once: a step that never began leaves no row
    run = live.wait()
    steps = run.steps()
    assert (steps[0].rate_per_s, steps[-1].rate_per_s) == (10, 40)
    assert [step.number for step in steps] == list(range(len(steps)))
    assert all((step.to_s or 0) > step.from_s for step in steps)
    assert all(a.to_s == b.from_s for a, b in itertools.pairwise(steps))
    assert steps[-1].to_s == 2
    due = sum(step.rate_per_s * ((step.to_s or 0) - step.from_s) for step in steps)
    assert total(run, "intended") == total(run, "started") == math.ceil(due - 1e-6)
    assert said(run, "command").splitlines() == [
        "Rate set to 25 scenarios/s.",
        "Rate set to 40 scenarios/s.",
    ]


def test_processes_come_and_go(target: Target, tmp_path: Path) -> None:
    """1, 2, 1 processes and a rate change right behind: a step each, no start lost or doubled."""
    live = start(target, tmp_path / "run.sqlite", (40, 6))
    until_started(live.run, 5)
    live.set_processes(2)
    live.set_rate(60)  # the second process is not ready yet, and must take no share
    until(lambda: any(step.processes == 2 for step in live.run.steps()))
    live.set_processes(1)
    run = live.wait()
    steps = run.steps()
    assert [step.processes for step in steps] == [1, 1, 2, 1]
    due = sum(step.rate_per_s * ((step.to_s or 0) - step.from_s) for step in steps)
    assert total(run, "intended") == total(run, "started") == total(run, "finished")
    assert total(run, "started") == math.ceil(due - 1e-6)
    assert run.status == "completed"


def test_bad_commands_are_refused_with_the_reason(target: Target, tmp_path: Path) -> None:
    """The run goes on as it was, and says what it did not do."""
    live = start(target, tmp_path / "run.sqlite", (20, None))
    live.set_rate(-1)
    live.set_processes(0)
    live.set_max_in_flight(0)
    live.run.command("dance", 1)
    live.note("  ")
    live.note("half time")
    until(lambda: said(live.run, "note") == "half time")
    refused = live.run.commands()["refused"]
    assert list(refused.notna()) == [True] * 5 + [False]
    assert "'dance' is not a command." in list(refused)
    assert said(live.run, "warning").count("Not done: ") == 5
    assert len(live.run.steps()) == 1
    live.stop()
    assert live.wait().status == "stopped"


def test_a_stop_without_drain_is_quick(target: Target, tmp_path: Path) -> None:
    """Within a second of the command everything has ended; what was in flight is abandoned."""
    live = start(target, tmp_path / "run.sqlite", (20, None), **scenario(STUCK))
    until_started(live.run, 5)
    asked_s = time.monotonic()
    live.stop(drain=False)
    run = live.wait(9.0)
    assert not live.alive
    assert time.monotonic() - asked_s < DRAIN_S / 2
    assert (run.status, run.ending) == ("stopped", "Stopped by command.")
    assert total(run, "abandoned") == total(run, "started") > 0
    assert total(run, "finished") == 0


def test_a_stop_with_drain_lets_scenarios_end(target: Target, tmp_path: Path) -> None:
    """What was in flight ends; nothing is abandoned, nothing new starts."""
    slow = "def mine(session):\n    session.sleep(0.6)\n"
    live = start(target, tmp_path / "run.sqlite", (20, None), **scenario(slow))
    until_started(live.run, 5)
    live.stop()
    run = live.wait()
    assert total(run, "abandoned") == 0
    assert total(run, "finished") == total(run, "started") > 0
    assert "Waiting up to 10 s" in said(run, "drain")


def test_a_drain_can_be_cut_short(target: Target, tmp_path: Path) -> None:
    """A second stop, without drain, ends the run within a second, and all is accounted for."""
    live = start(target, tmp_path / "run.sqlite", (20, None), **scenario(STUCK))
    until_started(live.run, 5)
    live.stop()
    until(lambda: said(live.run, "drain"))
    live.set_rate(5)
    asked_s = time.monotonic()
    live.stop(drain=False)
    run = live.wait(9.0)
    assert not live.alive
    assert time.monotonic() - asked_s < DRAIN_S / 2
    assert total(run, "abandoned") == total(run, "started")
    assert "The run was ending." in list(run.commands()["refused"])


def test_a_scenario_that_blocks_cannot_delay_a_stop(target: Target, tmp_path: Path) -> None:
    """Its injector does not report any more: it is ended all the same, and the run says so."""
    blocks = "def mine(session):\n    while session.user == 10: pass\n"
    live = start(target, tmp_path / "run.sqlite", (20, None), **scenario(blocks))
    until(lambda: live.run.duration_s > 0.7)
    asked_s = time.monotonic()
    live.stop(drain=False)
    run = live.wait(9.0)
    assert not live.alive
    assert time.monotonic() - asked_s < DRAIN_S
    assert run.status == "stopped"
    assert "Injector 0 did not report in time" in said(run, "error")


def test_a_change_at_a_steps_end_waits_for_the_next_step(target: Target, tmp_path: Path) -> None:
    """Commands put throughout the steps: rows never overlap, and the count is what they say."""
    steps = tuple((20.0 + n, 0.4) for n in range(6))
    live = start(target, tmp_path / "run.sqlite", *steps)
    rate = 30
    while live.run.duration_s < 2.2:
        rate += 1
        live.set_rate(rate)
        time.sleep(0.05)  # commands come at any time of a step, that is the point
    run = live.wait()
    rows = run.steps()
    assert all((row.to_s or 0) > row.from_s for row in rows)
    assert all(a.to_s == b.from_s for a, b in itertools.pairwise(rows))
    due = sum(row.rate_per_s * ((row.to_s or 0) - row.from_s) for row in rows)
    assert total(run, "intended") == total(run, "started") == math.ceil(due - 1e-6)
    assert rows[-1].to_s == pytest.approx(2.4)


def test_the_bound_is_changed_while_it_runs(target: Target, tmp_path: Path) -> None:
    """A lower bound sheds from then on; the starts' numbers go on without a gap."""
    live = start(target, tmp_path / "run.sqlite", (20, 1.5), drain_s=0.0, **scenario(STUCK))
    until_started(live.run, 5)
    live.set_max_in_flight(12)
    run = live.wait()
    assert total(run, "intended") == 30
    assert 12 <= total(run, "started") < 30
    assert total(run, "started") + total(run, "shed") == 30


def test_an_awaited_run_ends_with_its_task(target: Target, tmp_path: Path) -> None:
    """Cancelling ``await run`` (an interrupted cell) stops the run; awaiting again returns."""
    live = start(target, tmp_path / "run.sqlite", (20, None))

    async def interrupted() -> None:
        task = asyncio.ensure_future(live)
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(interrupted())
    assert not live.alive
    assert live.run.status == "stopped"

    async def again() -> str:
        return (await live).status

    assert asyncio.run(again()) == "stopped"
    assert live.left_s == 0
