"""What each injector process of a run did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from arangolab.histogram import Histogram, merge

if TYPE_CHECKING:
    from arangolab.runfile.reader import Run

_SUMS: Final = ("intended", "started", "shed", "finished", "failed", "connections_opened")


def process_rows(run: Run) -> list[dict[str, Any]]:
    """One row per injector process, in the order they were started.

    worker (its number), from_s and to_s (when it reported), the counts, cpu_ratio (share of one
    core, from first to last report), cpu_ms_per_scenario, loop_lag_ms (longest), rss_bytes
    (largest), lateness_p99_ms; None for what cannot be told.
    """
    sums = ", ".join(f"sum({name})" for name in _SUMS)
    found = run.query(
        f"SELECT worker, min(t_s), max(t_s), sum(cpu_s), max(loop_lag_s), max(rss_bytes), {sums}"  # noqa: S608
        " FROM intervals GROUP BY worker ORDER BY worker"
    )
    return [
        _row(run, worker, from_s - run.plan.interval_s, to_s, cpu_s)
        | {"loop_lag_ms": round(lag_s * 1e3, 3), "rss_bytes": rss_bytes}
        | dict(zip(_SUMS, counts, strict=True))
        | {"cpu_ms_per_scenario": _per_scenario_ms(cpu_s, counts[_SUMS.index("finished")])}
        for worker, from_s, to_s, cpu_s, lag_s, rss_bytes, *counts in found
    ]


def _row(run: Run, worker: int, from_s: float, to_s: float, cpu_s: float) -> dict[str, Any]:
    late = merge(
        encoded
        for (encoded,) in run.query(
            "SELECT encoded FROM histograms WHERE name = 'lateness' AND worker = ?", worker
        )
    )
    from_s = max(0.0, from_s)
    return {
        "worker": worker,
        "from_s": round(from_s, 3),
        "to_s": round(to_s, 3),
        "cpu_ratio": round(cpu_s / (to_s - from_s), 4) if to_s > from_s else None,
        "lateness_p99_ms": percentile_ms(late, 99),
    }


def _per_scenario_ms(cpu_s: float, finished: int) -> float | None:
    return round(cpu_s / finished * 1e3, 4) if finished else None


def percentile_ms(histogram: Histogram, percent: float) -> float | None:
    """A percentile in milliseconds; None when nothing was recorded."""
    return round(histogram.percentile_s(percent) * 1e3, 3) if histogram.count else None
