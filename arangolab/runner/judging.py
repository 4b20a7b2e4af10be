"""What the end of a step makes of the figures: its judgement."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from arangolab.histogram import Histogram
from arangolab.objective import Objective
from arangolab.runfile.writer import RunWriter
from arangolab.runner.sources import Sources

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
    from arangolab.capacity import judge, observe, unseen_ratio
    from arangolab.observing import begins_s
    from arangolab.surroundings import surroundings

    from_s = max(from_s, to_s - JUDGED_S)
    intervals, histograms = writer.judgeable(from_s)
    settled_s = begins_s(intervals, from_s, to_s)
    observation = observe(
        intervals,
        from_s,
        to_s,
        histograms=histograms,
        self_inflicted=writer.self_inflicted(from_s),
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


def preload() -> None:
    """Import what judging needs before the run begins, not in the middle of it."""
    import pandas  # noqa: F401

    import arangolab.capacity
    import arangolab.diagnosis
    import arangolab.endurance  # noqa: F401
