"""Which rate was sustained: a step's judgement against the objective, and a ramp's result."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from arangolab import checks, units
from arangolab.checks import Warning_, growth
from arangolab.objective import Objective
from arangolab.observation import StepObservation
from arangolab.observing import Row, observe, settling_s
from arangolab.search import Result

__all__ = [
    "Capacity",
    "Judgement",
    "StepObservation",
    "judge",
    "observe",
    "settling_s",
    "summarize_ramp",
]


SANDBOX: Final = "Sandbox (not ArangoDB): "


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Whether a step met its objective, and whether that may be believed."""

    sustained: bool
    """The objective was met; never true for a step that is not valid."""
    valid: bool
    """The test itself was sound; False claims nothing about the server."""
    reasons: tuple[str, ...]
    """Why not, in words with figures; () for a sustained step."""
    warnings: tuple[Warning_, ...]
    """What the checks found, the fatal ones first."""
    observation: StepObservation
    """The figures it rests on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """A ramp's result."""

    sustained_per_s: float | None
    """Highest sustained rate below the first failing one; None: no step was sustained."""
    failed_per_s: float | None
    """First rate that did not meet the objective; None: the limit was not reached."""
    sentence: str
    """The result in words."""


def judge(observation: StepObservation, objective: Objective) -> Judgement:
    """Hold the observation against the objective.  Pure: same figures, same judgement."""
    warnings = checks.check(observation)
    breaches = _breaches(observation, objective)
    fatal = tuple(checks.reason(w) for w in warnings if w.fatal or (w.excuses and breaches))
    reasons = fatal or breaches
    return Judgement(
        sustained=not reasons,
        valid=not fatal,
        reasons=reasons,
        warnings=warnings,
        observation=observation,
    )


def summarize_ramp(steps: Iterable[Row], scenario: str = "scenarios") -> Capacity:
    """The ramp's result.

    ``steps``: rows in the order driven, with rate_per_s and judgement (a Judgement, its dict, or
    None for a step that was not judged).
    """
    sustained: list[float] = []
    failed: float | None = None
    unbelieved: list[float] = []
    for row in steps:
        facts = judgement_dict(row.get("judgement"))
        rate_per_s = float(row["rate_per_s"])
        if facts is None:
            continue
        if facts["sustained"]:
            sustained.append(rate_per_s)
        elif not facts["valid"]:
            unbelieved.append(rate_per_s)
        elif failed is None:
            failed = rate_per_s
    below = [rate for rate in sustained if failed is None or rate < failed]
    best = max(below, default=None)
    return Capacity(
        sustained_per_s=best,
        failed_per_s=failed,
        sentence=_sentence(best, failed, unbelieved, scenario),
    )


def worded(result: Result, scenario: str, objective: Objective, *, sandbox: bool) -> Result:
    """The result of a search with its sentence."""
    sentence = f"{_found_words(result, scenario, objective)}{_history_words(result, scenario)}"
    if sandbox:
        sentence = f"{SANDBOX}{sentence[0].lower()}{sentence[1:]}"
    return replace(result, sentence=sentence)


def _found_words(result: Result, scenario: str, objective: Objective) -> str:
    low, high = result.low_per_s, result.high_per_s
    cost = f"{result.trials} trials in {units.seconds(result.time_used_s)}"
    if result.capacity_per_s is not None and low is not None and high is not None:
        rate = f"{_digits(result.capacity_per_s)} {scenario}/s"
        interval = f"[{_digits(low)}, {_digits(high)}]"
        sure = f"{units.percent(result.confidence)} interval; objective: {objective}; {cost}"
        also = {"wide": " The interval is wider than was asked for.",
                "stopped": " The search was ended before its time."}  # fmt: skip
        return f"Sustains {rate} {interval} ({sure}).{also.get(result.status, '')}"
    least = f" Sustained was {units.rate(low, scenario)}." if low else ""
    match result.status:
        case "injector_limited" | "invalid":
            return f"No capacity is claimed: {result.reason}.{least}"
        case "not_sustained":
            return f"Does not sustain {units.rate(high or 0, scenario)}, the lowest rate tried."
        case "not_reached":
            highest = units.rate(low or 0, scenario)
            return f"Sustains {highest}, the highest rate tried: the limit was not reached."
    return f"The search was ended before it found anything ({cost}).{least}"


def _history_words(result: Result, scenario: str) -> str:
    """What became of the server on the way."""
    said = ""
    if result.changed and result.sustained_before_per_s is not None:
        before = units.rate(result.sustained_before_per_s, scenario)
        if result.recovers is False:
            return f" Before it was overloaded it sustained {before}: it did not recover."
        said += f" At first it sustained {before}, and no longer later: the server has changed."
    if result.recovers is False:
        said += " After an overload it did not recover."
    elif result.recovers and result.recovery_s is not None:
        said += f" After an overload it recovered within {units.seconds(result.recovery_s)}."
    return said


def _digits(rate_per_s: float) -> str:
    return f"{rate_per_s:.3g}" if rate_per_s < 1000 else f"{rate_per_s:,.0f}"


def back_words(back: Mapping[str, Any]) -> str:
    """How the server came back from overload on the way down, in a sentence."""
    over = units.rate(back["overload_per_s"])
    if why := back.get("not_known_because"):
        return f"Whether it recovers after {over} is not known: {why}."
    if back["back_at_per_s"] is None:
        return f"After {over} it did not recover: nothing was sustained on the way back down."
    return (
        f"After {over} it recovered at {units.rate(back['back_at_per_s'])}, within "
        f"{units.seconds(back['recovery_s'])}."
    )


def judgement_dict(judgement: Judgement | Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """What of a judgement decides, whether it is an object or out of a run file."""
    if isinstance(judgement, Judgement):
        return {
            "sustained": judgement.sustained,
            "valid": judgement.valid,
            "reasons": judgement.reasons,
            "warnings": [
                {"text": w.text, "hint": w.hint, "fatal": w.fatal} for w in judgement.warnings
            ],
        }
    return judgement


def unseen_ratio(seen: StepObservation, objective: Objective) -> float:
    """Part of the arrivals that may be left behind in flight without a breach of the objective.

    0 where the objective limits the response time, which tells of a queue much sooner.
    """
    if objective.response_limits_ms or not seen.intended:
        return 0.0
    least = max(
        growth.GROWTH_SCENARIOS_MIN,
        growth.CHANCE_SIGMA * math.sqrt(max(seen.in_flight_early or 0, 1)),
    )
    return min(0.5, max(growth.GROWTH_RATIO_MAX, least / seen.intended))


def _breaches(seen: StepObservation, objective: Objective) -> tuple[str, ...]:
    """How the server missed the objective, in words with figures."""
    found: list[str] = []
    if seen.worst_error_ratio > objective.error_ratio_max:
        found.append(_error_words(seen, objective))
    found += _slow(seen, objective)
    if seen.shed > objective.shed_ratio_max * seen.intended:
        found.append(
            f"{seen.shed} of {seen.intended} arrivals shed: the bound on scenarios in flight was "
            "reached"
        )
    least = objective.finished_ratio_min * seen.intended
    if seen.finished + checks.border(seen) < least:
        found.append(
            f"only {seen.finished} scenarios ended while {seen.intended} were due "
            f"(at least {units.percent(objective.finished_ratio_min)})"
        )
    if objective.in_flight_stable and checks.growing(seen):
        found.append(
            f"scenarios in flight grew from {units.number(seen.in_flight_early or 0)} to "
            f"{units.number(seen.in_flight_late or 0)} (means of the first and of the last third "
            f"of {units.seconds(seen.duration_s)})"
        )
    return tuple(found)


def _slow(seen: StepObservation, objective: Objective) -> list[str]:
    """Each percentile of the response time that is above what the objective allows."""
    found = []
    for percent, limit_ms in objective.response_limits_ms:
        worst_ms = seen.worst_response_ms(percent)
        if worst_ms is not None and worst_ms > limit_ms:
            found.append(
                f"{percent}th percentile of the response time {units.seconds(worst_ms / 1e3)} "
                f"(at most {units.seconds(limit_ms / 1e3)})"
            )
    return found


def _error_words(seen: StepObservation, objective: Objective) -> str:
    limit = f"at most {units.percent(objective.error_ratio_max)}"
    if seen.error_ratio > objective.error_ratio_max:
        return (
            f"{seen.failed - seen.self_inflicted} of {seen.finished} scenarios failed "
            f"({units.percent(seen.error_ratio)}; {limit})"
        )
    return f"{units.percent(seen.worst_error_ratio)} failed towards the end ({limit})"


def _sentence(
    best: float | None, failed: float | None, unbelieved: list[float], scenario: str
) -> str:
    if best is None and failed is None:
        if unbelieved:
            return "No step is valid: nothing is said about the server."
        return "No step was judged."
    if best is None:
        return f"Does not sustain {units.rate(failed or 0, scenario)}, the lowest rate tried."
    sustains = f"Sustains {units.rate(best, scenario)}"
    if failed is not None:
        return f"{sustains}; does not sustain {units.rate(failed, scenario)}."
    above = [rate for rate in unbelieved if rate > best]
    if above:
        return (
            f"{sustains}; at {units.rate(min(above), scenario)} the test itself cannot be "
            "believed, so the limit is not known."
        )
    return f"{sustains}, the highest rate tried: the limit was not reached."
