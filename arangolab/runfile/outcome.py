"""What a search or an endurance run came to, in figures, as the command line's JSON has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from arangolab.runfile.reader import Run


def capacity_figures(run: Run) -> dict[str, Any]:
    """The figures of ``arangolab capacity --json``; rates are scenarios per second.

    ``capacity_per_s`` is None where none is claimed, ``valid`` whether anything is said about the
    server; ``verdict``: resource (what gave out first), evidence, sentence.
    """
    result = run.capacity
    facts = {
        "scenario": run.plan.scenario,
        "params": run.plan.params,
        "sandbox": bool(run.server.get("sandbox")),
        "objective": str(run.plan.objective),
        "status": result.status if result else run.status,
        "valid": bool(result and result.valid),
    }
    names = ("capacity_per_s", "low_per_s", "high_per_s", "confidence", "trials", "time_used_s")
    figures = {name: getattr(result, name, None) for name in names}
    after = ("changed", "sustained_before_per_s", "recovers", "recovery_s", "reason", "sentence")
    return {
        **facts,
        **figures,
        **{name: getattr(result, name, None) for name in after},
        "verdict": verdict_figures(run),
        "steps": step_figures(run),
        "file": str(run.path),
    }


def verdict_figures(run: Run) -> dict[str, Any]:
    """What gave out first, with its evidence."""
    verdict = run.verdict or {}
    return {
        "resource": verdict.get("gave_out"),
        "evidence": list(verdict.get("evidence", ())),
        "sentence": verdict.get("sentence"),
    }


def step_figures(run: Run) -> list[dict[str, Any]]:
    """Each rate that was held, in order, with what was seen."""
    trials = {row["step"]: row for row in run.meta("trials", [])}
    rows = []
    for step in run.steps():
        judgement = step.judgement or {}
        seen = judgement.get("observation", {})
        rows.append(
            {
                "kind": trials.get(step.number, {}).get("kind", "step"),
                "rate_per_s": step.rate_per_s,
                "processes": step.processes,
                "from_s": round(step.from_s, 3),
                "to_s": None if step.to_s is None else round(step.to_s, 3),
                "sustained": judgement.get("sustained"),
                "valid": judgement.get("valid"),
                "reasons": list(judgement.get("reasons", ())),
                "response_p50_ms": seen.get("response_p50_ms"),
                "response_p95_ms": seen.get("response_p95_ms"),
                "error_ratio": seen.get("error_ratio"),
                "in_flight_mean": seen.get("in_flight_mean"),
            }
        )
    return rows


def endurance_figures(run: Run) -> dict[str, Any]:
    """The figures of ``arangolab endure --json``: endurance.Endurance's fields, and the windows."""
    found = run.endurance or {"met": False, "valid": False, "injector_limited": False}
    return {
        "scenario": run.plan.scenario,
        "params": run.plan.params,
        "sandbox": bool(run.server.get("sandbox")),
        "objective": str(run.plan.objective),
        "status": run.status,
        "sentence": None,
        "drifts": [],
        **found,
        "steps": step_figures(run),
        "file": str(run.path),
    }
