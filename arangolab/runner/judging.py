"""What a run's end and each step's end make of the figures: judgements and the verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from arangolab import units
from arangolab.histogram import Histogram
from arangolab.plan import Objective, Plan
from arangolab.runfile.reader import Run, StepRow, open_run
from arangolab.runfile.writer import RunWriter
from arangolab.runner.sources import Sources
from arangolab.search import Result
from arangolab.timespent import STEP, Times

if TYPE_CHECKING:
    from arangolab.diagnosis import Verdict

JUDGED_S: Final = 600.0
"""Decoding the histograms of a day would keep the conductor from its work for a minute."""

FIRST_SCENARIOS: Final = 5
USUAL_FACTOR: Final = 1.5
USUAL_MORE: Final = 3.0
"""What is in flight is as usual up to so many times, and so many more than, its usual level."""
SETTLED_S: Final = 0.05


def judge_step(
    writer: RunWriter,
    sources: Sources,
    objective: Objective,
    from_s: float,
    to_s: float,
    *,
    calm_ms: float | None = None,
) -> dict[str, Any]:
    """The judgement of the step, as a dict; the writer must have committed its intervals.

    A step that was held for longer than JUDGED_S is judged by its last JUDGED_S seconds.
    ``calm_ms``: the median service time of an earlier step that was sustained; without one, that
    of the hold's first scenarios is taken.
    """
    from arangolab.capacity import judge, observe, settling_s, unseen_ratio
    from arangolab.surroundings import surroundings

    from_s = max(from_s, to_s - JUDGED_S)
    intervals, histograms = writer.judgeable(from_s)
    settled_s = from_s + settling_s(to_s - from_s)
    observation = observe(
        intervals,
        from_s,
        to_s,
        histograms=histograms,
        self_inflicted=writer.self_inflicted(settled_s, to_s),
        statsd_received=sources.statsd_received(),
    )
    observation = replace(
        observation,
        service_calm_ms=calm_ms or _first_ms(histograms),
        around=surroundings(writer.points(settled_s, to_s), settled_s, to_s, sources.cores_max),
    )
    judged = asdict(judge(observation, objective))
    return {**judged, "unseen_ratio": unseen_ratio(observation, objective)}


def usual_in_flight(judgement: Mapping[str, Any] | None, rate_per_s: float) -> float:
    """Scenarios in flight at the rate while all is well, by Little's law; 0: not known.

    ``judgement``: of a step that was sustained.
    """
    service_ms = judgement["observation"]["service_mean_ms"] if judgement else None
    return rate_per_s * service_ms / 1e3 if service_ms else 0.0


def came_back_s(writer: RunWriter, from_s: float, to_s: float, usual: float) -> float | None:
    """Seconds after ``from_s`` until what is in flight was as usual; None: it never was."""
    from arangolab import inflight, stats

    rows = [row for row in writer.judgeable(from_s)[0] if row["t_s"] <= to_s + SETTLED_S]
    times_s, levels = inflight.series(rows)
    calm = [level <= USUAL_FACTOR * usual + USUAL_MORE for level in levels]
    since_s = stats.first_lasting(times_s, calm)
    return None if math.isnan(since_s) else max(0.0, since_s - from_s)


def _first_ms(histograms: Sequence[Mapping[str, Any]]) -> float | None:
    """Median service time of the first scenarios of these rows that ended; None: too few."""
    first = Histogram()
    for row in sorted(histograms, key=lambda row: float(row["t_s"])):
        if row["name"] == "service":
            first.add(Histogram.decode(row["encoded"]))
            if first.count >= FIRST_SCENARIOS:
                return first.percentile_s(50) * 1e3
    return None


def verdict(writer: RunWriter, plan: Plan) -> dict[str, Any]:
    """The run's verdict, as a dict, out of what the writer has committed."""
    from arangolab.diagnosis import diagnose

    run = open_run(writer.path)
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
        run.samples(),
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
    return asdict(found)


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


def preload() -> None:
    """Import what judging needs before the run begins, not in the middle of it."""
    import pandas  # noqa: F401

    import arangolab.capacity
    import arangolab.diagnosis  # noqa: F401
