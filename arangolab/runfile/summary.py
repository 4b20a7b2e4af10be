"""A run in figures and in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arangolab import showing, units
from arangolab.parameters import told
from arangolab.runfile.processes import percentile_ms, process_rows

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
    rows, requests = process_rows(run), run.histogram("request")
    return {
        "scenario": run.plan.scenario,
        "params": run.plan.params,
        "sandbox": bool(run.server.get("sandbox")),
        "status": run.status,
        "ending": run.ending,
        "duration_s": round(run.duration_s, 3),
        **totals,
        "achieved_per_s": round(totals["started"] / load_s, 3) if load_s else None,
        "lateness_p99_ms": percentile_ms(run.histogram("lateness"), 99),
        "service_p50_ms": percentile_ms(service, 50),
        "service_p95_ms": percentile_ms(service, 95),
        "response_p50_ms": percentile_ms(response, 50),
        "response_p95_ms": percentile_ms(response, 95),
        "request_p50_ms": percentile_ms(requests, 50),
        "request_p95_ms": percentile_ms(requests, 95),
        "replies": dict(
            run.query("SELECT kind, sum(count) FROM replies GROUP BY kind ORDER BY sum(count) DESC")
        ),
        "injector_cpu_ratio": _most(rows, "cpu_ratio"),
        "injector_cpu_ms_per_scenario": _cpu_ms_per_scenario(run, totals["finished"]),
        "rss_bytes": sum(row["rss_bytes"] for row in rows),
        "processes": rows,
        "statsd_sent": run.query("SELECT coalesce(sum(statsd_lines), 0) FROM intervals")[0][0],
        "statsd_received": _statsd_received(run),
        "errors": _errors(run),
        "scenario_steps": _scenario_steps(run),
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


def _errors(run: Run) -> list[dict[str, Any]]:
    """What went wrong, by kind, the most frequent first."""
    names = ("kind", "count", "step", "status", "error_num", "self_inflicted", "first_message")
    rows = run.query(f"SELECT {', '.join(names)} FROM errors ORDER BY count DESC")  # noqa: S608
    found = [dict(zip(names, row, strict=True)) for row in rows]
    return [{**one, "self_inflicted": bool(one["self_inflicted"])} for one in found]


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
        ("run", f"{run.heading} ({run.path.name})"),
        *([("parameters", told(figures["params"]))] if figures["params"] else []),
        ("ending", figures["ending"]),
        (
            "scenarios",
            f"{figures['started']} started of {figures['intended']} due, {figures['shed']} shed, "
            f"{figures['finished']} finished, {figures['failed']} failed",
        ),
        ("response time", _times(figures)),
        ("verdict", figures["verdict"] or "none yet"),
    ]
    if run.capacity:
        rows.append(("capacity", run.capacity.rates))
    return f"{showing.table(rows)}{_measured_by(run)}"


def _measured_by(run: Run) -> str:
    """The small print, folded away."""
    facts = run.small_print()
    if not facts:
        return ""
    told = showing.table(facts.items())
    return f"<details><summary>measured by</summary>{told}</details>"


def _times(figures: dict[str, Any]) -> str:
    p50, p95 = figures["response_p50_ms"], figures["response_p95_ms"]
    if p50 is None:
        return "nothing finished"
    return f"median {units.seconds(p50 / 1e3)}, 95 % within {units.seconds(p95 / 1e3)}"


def _load_s(run: Run) -> float:
    """Seconds in which arrivals were due, warm-up and rises included."""
    end = run.query("SELECT max(coalesce(to_s, ?)) FROM steps", run.duration_s)[0][0]
    if end is None:  # a closed loop holds no rate
        return min(run.plan.duration_s, run.duration_s) if run.plan.loop_users else 0.0
    return float(end)


def _scenario_steps(run: Run) -> list[dict[str, Any]]:
    """One row per step of the scenario: how often, and how long it took."""
    names = run.query("SELECT DISTINCT name FROM histograms WHERE name LIKE 'step:%' ORDER BY name")
    rows = []
    for (full,) in names:
        name = full.removeprefix("step:")
        service, response = run.histogram(full), run.histogram(f"step_response:{name}")
        rows.append(
            {
                "name": name,
                "count": service.count,
                "service_p50_ms": percentile_ms(service, 50),
                "service_p95_ms": percentile_ms(service, 95),
                "response_p95_ms": percentile_ms(response, 95),
            }
        )
    return rows


def _most(rows: list[dict[str, Any]], name: str) -> float | None:
    return max((row[name] for row in rows if row[name] is not None), default=None)


def _cpu_ms_per_scenario(run: Run, finished: int) -> float | None:
    """CPU of all injector processes / scenarios that ended, what they do besides included."""
    cpu_s = run.query("SELECT coalesce(sum(cpu_s), 0) FROM intervals")[0][0]
    return round(cpu_s / finished * 1e3, 4) if finished else None


def _statsd_received(run: Run) -> int:
    rows = run.query(
        "SELECT coalesce(sum(value), 0) FROM sample_table WHERE source = 'statsd'"
        " AND name = 'receiver.lines'"
    )
    return int(rows[0][0])
