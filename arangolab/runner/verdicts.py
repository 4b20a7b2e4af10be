"""What the end of a run makes of all that was judged: the verdict, and how long it lasted."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from arangolab import units
from arangolab.capacity import back_words
from arangolab.plan import Plan
from arangolab.runfile.reader import Run, StepRow, open_run
from arangolab.runfile.writer import RunWriter
from arangolab.runner.judging import JUDGED_S
from arangolab.search import Result
from arangolab.stats import Array
from arangolab.timespent import STEP, Times

if TYPE_CHECKING:
    from arangolab.diagnosis import Verdict


def verdict(writer: RunWriter, plan: Plan) -> dict[str, Any]:
    """The run's verdict, as a dict, out of what the writer has committed."""
    from arangolab.diagnosis import diagnose

    run = open_run(writer.path)
    if plan.endurance:
        _assess(writer, run)
    steps = [
        {
            "rate_per_s": step.rate_per_s,
            "from_s": step.from_s,
            "to_s": step.to_s,
            "judgement": step.judgement,
        }
        for step in _telling(run)
    ]
    found = diagnose(
        run.samples(*_span(run, plan)),
        steps,
        run.error_rows(),
        run.server,
        scenario=plan.scenario,
        times=lambda span: _times(run, *span),
    )
    if plan.loop_users:
        found = replace(found, sentence=_closed_words(run, found.sandbox))
    if run.capacity is not None:
        found = _of_search(found, run.capacity)
    if back := run.meta("recovery"):
        found = replace(found, sentence=f"{found.sentence} {back_words(back)}")
    if plan.endurance:
        found = _of_endurance(found, writer.path)
    return asdict(found)


def _assess(writer: RunWriter, run: Run) -> None:
    """Put what an endurance run came to into its file."""
    from arangolab.endurance import assess

    steps = [asdict(step) for step in run.steps()]
    if not steps:
        return
    found = assess(
        steps,
        lambda source, name: _points(run, source, name),
        run.server.get("limits") or {},
        run.plan.objective,
        asked_s=math.fsum(step.hold_s or 0.0 for step in run.plan.steps),
        scenario=run.plan.scenario,
        sandbox=bool(run.server.get("sandbox")),
    )
    writer.meta("endurance", asdict(found))
    writer.commit()


def _points(run: Run, source: str, name: str) -> tuple[Array, Array]:
    rows = np.array(run.one_series(source, name), dtype=float).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]


def _span(run: Run, plan: Plan) -> tuple[float, float]:
    """The samples that a verdict rests on: all, or of a long run those around its end or breach.

    A day's samples of all sources would take gigabytes.
    """
    if not plan.endurance or run.duration_s <= 2 * JUDGED_S:
        return -math.inf, math.inf
    breach_s = (run.endurance or {}).get("failed_from_s")
    at_s = run.duration_s if breach_s is None else breach_s
    return at_s - JUDGED_S, at_s + JUDGED_S


def _of_endurance(found: Verdict, path: Path) -> Verdict:
    """The verdict with the endurance run's words; what gave out stays."""
    outcome = open_run(path).endurance
    if outcome is None:
        return found
    broke = outcome["failed_from_s"] is not None and found.gave_out
    more = f" First to give out: {found.gave_out}." if broke else ""
    return replace(found, sentence=f"{outcome['sentence']}{more}", believable=outcome["valid"])


def _times(run: Run, from_s: float, to_s: float) -> Times | None:
    """Where the time of the scenarios went that ended then; the last JUDGED_S of it count."""
    from_s = max(from_s, to_s - JUDGED_S)
    service = run.histogram("service", from_s, to_s)
    if not service.count:
        return None
    lateness, queue = (run.histogram(n, from_s, to_s) for n in ("lateness", "server_queue"))
    names = run.query(
        "SELECT DISTINCT name FROM histograms WHERE name LIKE 'step:%' AND t_s > ? AND t_s <= ?",
        from_s,
        to_s,
    )
    steps = {name: run.histogram(name, from_s, to_s) for (name,) in names}
    return Times(
        lateness_ms=lateness.mean_s() * 1e3 if lateness.count else 0.0,
        service_ms=service.mean_s() * 1e3,
        steps_ms={
            name.removeprefix(STEP): step.mean_s() * step.count / service.count * 1e3
            for name, step in steps.items()
        },
        server_queue_ms=queue.mean_s() * 1e3 if queue.count else None,
    )


def _telling(run: Run) -> list[StepRow]:
    """The steps that tell what gave out: not the way back down, nor what others outvoted."""
    kinds = {row["step"]: row["kind"] for row in run.meta("trials", [])}
    steps = [s for s in run.steps() if kinds.get(s.number) != "recovery"]
    result = run.capacity
    if result is None or result.capacity_per_s is None:
        return steps[: run.meta("recovery", {}).get("from_step")]
    most = result.capacity_per_s
    return [s for s in steps if _agrees(s, most)]


def _agrees(step: StepRow, capacity_per_s: float) -> bool:
    judgement = step.judgement or {"sustained": False}
    return bool(judgement["sustained"]) == (step.rate_per_s <= capacity_per_s)


def _of_search(found: Verdict, result: Result) -> Verdict:
    """The verdict with the search's figures; what gave out stays."""
    cause = found.sentence.partition("; at ")[2]
    sentence = result.sentence
    if result.capacity_per_s is not None and cause:
        sentence += f" At {cause}"
    return replace(
        found,
        sustained_per_s=result.capacity_per_s,
        failed_per_s=result.high_per_s,
        sentence=sentence,
        believable=result.valid,
    )


def _closed_words(run: Run, sandbox: bool) -> str:
    """What a closed loop tells."""
    plan, figures = run.plan, run.summary()
    rate = units.rate(figures["achieved_per_s"] or 0.0, plan.scenario)
    think = f"{units.seconds(plan.think_s)} of think time" if plan.think_s else "no think time"
    words = (
        f"{plan.loop_users} users in a closed loop with {think} made {rate}, "
        f"{figures['failed']} of them failed. Such a loop asks less of a server that is slow: "
        "it finds no capacity."
    )
    return f"Sandbox (not ArangoDB): {words}" if sandbox else words
