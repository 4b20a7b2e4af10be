"""A run in figures and in a few words."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from arangolab import units
from arangolab.histogram import Histogram

if TYPE_CHECKING:
    import pandas as pd

    from arangolab.runfile.reader import Run

_SUMS = (
    "intended",
    "started",
    "shed",
    "finished",
    "failed",
    "abandoned",
    "reused",
    "retries",
    "connections_opened",
    "bytes_sent",
    "bytes_received",
)


def summarize(run: Run) -> dict[str, Any]:
    """The figures of ``arangolab run --json``; None for what was not measured.

    Times are milliseconds, rates per second; ``achieved_per_s`` is started / seconds of load.
    """
    columns = ", ".join(f"coalesce(sum({name}), 0)" for name in _SUMS)
    totals = dict(zip(_SUMS, run.query(f"SELECT {columns} FROM intervals")[0], strict=True))  # noqa: S608
    service, response = run.histogram("service"), run.histogram("response")
    verdict = run.verdict or {}
    load_s = _load_s(run)
    return {
        "scenario": run.plan.scenario,
        "sandbox": bool(run.server.get("sandbox")),
        "status": run.status,
        "ending": run.ending,
        "duration_s": round(run.duration_s, 3),
        **totals,
        "achieved_per_s": round(totals["started"] / load_s, 3) if load_s else None,
        "lateness_p99_ms": _percentile_ms(run.histogram("lateness"), 99),
        "service_p50_ms": _percentile_ms(service, 50),
        "service_p95_ms": _percentile_ms(service, 95),
        "response_p50_ms": _percentile_ms(response, 50),
        "response_p95_ms": _percentile_ms(response, 95),
        "injector_cpu_ratio": _busiest_cpu_ratio(run),
        "statsd_sent": run.query("SELECT coalesce(sum(statsd_lines), 0) FROM intervals")[0][0],
        "statsd_received": _statsd_received(run),
        "errors": [
            {"kind": kind, "count": count, "first_message": message}
            for kind, count, message in run.query(
                "SELECT kind, count, first_message FROM errors ORDER BY count DESC"
            )
        ],
        "steps": [
            {"rate_per_s": s.rate_per_s, "sustained": (s.judgement or {}).get("sustained")}
            for s in run.steps()
        ],
        "sustained_per_s": verdict.get("sustained_per_s"),
        "failed_per_s": verdict.get("failed_per_s"),
        "gave_out": verdict.get("gave_out"),
        "verdict": verdict.get("sentence"),
        "file": str(run.path),
    }


def step_table(run: Run) -> pd.DataFrame:
    """One row per judged step.

    Columns: rate_per_s (asked for), achieved_per_s (started), ended_well_per_s, error_ratio,
    response_p50_ms, response_p95_ms, in_flight (at the step's end), judgement, because.
    """
    import pandas as pd

    rows = []
    for step in run.steps():
        judgement = step.judgement
        if judgement is None:
            continue
        seen = judgement["observation"]
        span_s = seen["duration_s"] or float("nan")
        rows.append(
            {
                "rate_per_s": step.rate_per_s,
                "achieved_per_s": round(seen["started"] / span_s, 2),
                "ended_well_per_s": round((seen["finished"] - seen["failed"]) / span_s, 2),
                "error_ratio": round(seen["error_ratio"], 3),
                "response_p50_ms": seen["response_p50_ms"],
                "response_p95_ms": seen["response_p95_ms"],
                "in_flight": seen["in_flight_end"],
                "judgement": _judged(judgement),
                "because": "; ".join(judgement["reasons"]),
            }
        )
    return pd.DataFrame(rows)


def _judged(judgement: dict[str, Any]) -> str:
    if not judgement["valid"]:
        return "not valid"
    return "sustained" if judgement["sustained"] else "not sustained"


def as_html(run: Run) -> str:
    """The run as a small table for a notebook."""
    figures = summarize(run)
    rows = [
        ("run", f"{run.title or run.plan.scenario} ({run.path.name})"),
        ("ending", figures["ending"]),
        (
            "scenarios",
            f"{figures['started']} started of {figures['intended']} due, {figures['shed']} shed, "
            f"{figures['finished']} finished, {figures['failed']} failed",
        ),
        ("response time", _times(figures)),
        ("verdict", figures["verdict"] or "none yet"),
    ]
    cells = "".join(
        f"<tr><th style='text-align:left'>{name}</th>"
        f"<td style='text-align:left'>{html.escape(str(text))}</td></tr>"
        for name, text in rows
    )
    return f"<table>{cells}</table>"


def _times(figures: dict[str, Any]) -> str:
    p50, p95 = figures["response_p50_ms"], figures["response_p95_ms"]
    if p50 is None:
        return "nothing finished"
    return f"median {units.seconds(p50 / 1e3)}, 95 % within {units.seconds(p95 / 1e3)}"


def _load_s(run: Run) -> float:
    """Seconds in which arrivals were due."""
    rows = run.query("SELECT min(from_s), max(coalesce(to_s, ?)) FROM steps", run.duration_s)
    begin, end = rows[0]
    return float(end - begin) if end is not None else 0.0


def _busiest_cpu_ratio(run: Run) -> float | None:
    rows = run.query(
        "SELECT sum(cpu_s), max(t_s) FROM intervals GROUP BY worker HAVING max(t_s) > 0"
    )
    return round(max(cpu_s / t_s for cpu_s, t_s in rows), 4) if rows else None


def _statsd_received(run: Run) -> int:
    rows = run.query(
        "SELECT coalesce(sum(value), 0) FROM sample_table WHERE source = 'statsd'"
        " AND name = 'receiver.lines'"
    )
    return int(rows[0][0])


def _percentile_ms(histogram: Histogram, percent: float) -> float | None:
    return round(histogram.percentile_s(percent) * 1e3, 3) if histogram.count else None
