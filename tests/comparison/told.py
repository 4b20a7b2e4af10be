"""Summaries of runs that no process made."""

from __future__ import annotations

import copy
from typing import Any

Json = dict[str, Any]
STEPS = ((2.0, "sustained", 50.0), (4.0, "sustained", 60.0), (8.0, "not sustained", 900.0))
BASE: Json = {
    "run_file": {"name": "a.sqlite"},
    "title": "login", "status": "completed", "ending": "All was held.",
    "scenario": {"name": "login", "sha256": None, "arrivals": "constant"},
    "objective": {"error_ratio_max": 0.01, "response_p95_ms_max": 500.0},
    "capacity": {"sustained_per_s": 4.0, "failed_per_s": 8.0, "search": None},
    "verdict": {"sentence": "Sustains 4 login/s.", "gave_out": "cpu", "believable": True},
    "environment": {
        "server": {"name": "ArangoDB 3.12.5", "sandbox": False, "limits": {"memory_bytes": 8e9}},
        "host": {"name": "one", "cores": 4},
        "versions": {"python": "3.11"},
    },
    "plan": {"max_in_flight": 500, "seed": 1},
}  # fmt: skip


def steps(*rows: tuple[float, str, float]) -> list[Json]:
    """(rate, judgement, p95 in ms) as a summary has them."""
    return [
        {
            "rate_per_s": rate, "judgement": judgement, "response_p50_ms": p95_ms / 2,
            "response_p95_ms": p95_ms, "error_ratio": 0.0,
            "because": "" if judgement == "sustained" else "injector-limited: it used 95 %",
        }
        for rate, judgement, p95_ms in rows
    ]  # fmt: skip


def summary(name: str = "a.sqlite", **changes: Any) -> Json:
    """A run; ``changes``: top-level fields, or ``server``."""
    told = copy.deepcopy(BASE)
    told["environment"]["server"] |= changes.pop("server", {})
    return {**told, "steps": steps(*STEPS), "run_file": {"name": name}, **changes}


def ramp(low: float | None, high: float | None) -> Json:
    """A run that sustained ``low`` and not ``high``."""
    capacity = {"sustained_per_s": low, "failed_per_s": high, "search": None}
    return summary("b.sqlite", capacity=capacity)


def search(status: str, *found: float | None) -> Json:
    """A search that came to (capacity, low, high)."""
    names = ("capacity_per_s", "low_per_s", "high_per_s")
    told = {"status": status, "reason": "an injector process used 95 % of a core",
            "sentence": "It.", **dict(zip(names, found, strict=True))}  # fmt: skip
    capacity = {"sustained_per_s": found[1], "failed_per_s": None, "search": told}
    return summary("b.sqlite", capacity=capacity)
