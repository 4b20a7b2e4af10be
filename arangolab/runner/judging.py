"""What a run's end and each step's end make of the figures: judgements and the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from arangolab import units
from arangolab.histogram import Histogram
from arangolab.plan import Objective, Plan
from arangolab.runfile.reader import Run, open_run
from arangolab.runfile.writer import RunWriter
from arangolab.runner.sources import Sources
from arangolab.timespent import STEP, Times

JUDGED_S: Final = 600.0
"""Decoding the histograms of a day would keep the conductor from its work for a minute."""

FIRST_SCENARIOS: Final = 5


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
    from arangolab.capacity import judge, observe, settling_s
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
        around=surroundings(writer.points(settled_s, to_s), settled_s, to_s),
    )
    return asdict(judge(observation, objective))


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
        for step in run.steps()
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
