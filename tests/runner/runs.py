"""Starting runs, and looking at their processes from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psutil

from arangolab.plan import Plan, Step
from arangolab.runfile.reader import Run
from arangolab.runner import handle
from arangolab.runner.handle import LiveRun
from arangolab.target import Target
from tests.support import until


def plan_of(*steps: tuple[float, float | None], **more: Any) -> Plan:
    """A plan of (rate, hold) steps, sampled twice a second."""
    values: dict[str, Any] = {"last_user": 1_000, "interval_s": 0.5, **more}
    held = tuple(Step(rate_per_s=rate, hold_s=hold) for rate, hold in steps)
    return Plan(steps=held, **values)


def start(target: Target, path: Path, *steps: tuple[float, float | None], **more: Any) -> LiveRun:
    """A run that has begun."""
    return handle.start(plan_of(*steps, **more), target, path)


def scenario(source: str) -> dict[str, str]:
    """Fields of a plan for a scenario of one's own."""
    head = "from arangolab import scenario\n\n@scenario\n"
    return {"scenario": "mine", "scenario_source": head + source}


def processes(runner_pid: int) -> list[int]:
    """The runner and all that it started."""
    runner = psutil.Process(runner_pid)
    return [runner_pid, *(child.pid for child in runner.children(recursive=True))]


def gone(pid: int) -> bool:
    """Whether the process has ended (a zombie has)."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def until_started(run: Run, count: int, timeout_s: float = 15.0) -> None:
    """Wait until that many scenarios are known to have started."""
    until(lambda: total(run, "started") >= count, timeout_s)


def total(run: Run, name: str) -> int:
    """The sum of a count over all intervals so far."""
    return int(run.query(f"SELECT coalesce(sum({name}), 0) FROM intervals")[0][0])  # noqa: S608


def said(run: Run, kind: str) -> str:
    """All events of the kind, one a line."""
    events = run.events()
    return "\n".join(events[events["kind"] == kind]["text"])
