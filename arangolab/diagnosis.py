"""Which resource gave out first: the verdict on a ramp, with its evidence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arangolab import indicators, telling, timespent, units
from arangolab.capacity import Capacity, judgement_dict, summarize_ramp
from arangolab.indicators import Reading, Window
from arangolab.suspects import Suspect, breach_s, suspects
from arangolab.timespent import Spent, Times

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a run says about the server."""

    sustained_per_s: float | None
    """Highest sustained rate below the first failing one."""
    failed_per_s: float | None
    """First rate that was not sustained; None: the limit was not reached."""
    gave_out: str | None
    """Name of what gave out first: an indicator (resources.py), conflicts | server_gone |
    no_reply | test_itself, ``step:NAME`` (that step takes so long at any load) | unknown; None:
    nothing did."""
    first_saturated_s: float | None
    """Seconds of the run from which on it was at its limit, or its first error."""
    breach_s: float | None
    """When the first step that was not sustained first went wrong."""
    sentence: str
    """The verdict in one sentence."""
    evidence: tuple[str, ...]
    """What it rests on, a sentence each; symptoms are said to be such."""
    evidence_about: tuple[str, ...]
    """What each of these is about, and what shows it (telling.Line)."""
    indicators: tuple[Reading, ...]
    time_spent: tuple[Spent, ...]
    """Where a scenario's time went in the first step that was not sustained."""
    sandbox: bool
    """The server was the sandbox, not an ArangoDB."""
    believable: bool
    """Every step that decided was valid."""
    warnings: tuple[str, ...]
    """What speaks against believing it, and what was not observed."""


def diagnose(
    samples: pd.DataFrame,
    steps: Sequence[Row],
    errors: Iterable[Row],
    server: Row,
    *,
    scenario: str = "scenarios",
    times: Callable[[Window], Times | None] = lambda _: None,
) -> Verdict:
    """The verdict.

    ``samples``: columns time_s, source, name, value, unit.  ``steps``: rows with rate_per_s,
    from_s, to_s, judgement.  ``errors``: rows of the run file's table.  ``server``: facts, of
    which ``sandbox``, ``local`` and ``limits`` (see indicators.read) are used.  ``times``: tells
    where scenarios' time went in a span, or None where it is not known.
    """
    result = summarize_ramp(steps, scenario)
    failing = _failing(steps, result)
    burn = _span(failing, samples) if failing else None
    calm = [_span(row, samples) for row in steps if _flag(row, "sustained")]
    local = bool(server.get("local", True))
    readings = indicators.read(samples, server.get("limits") or {}, calm, burn, local=local)
    all_errors = list(errors)
    broke_s = breach_s(samples, all_errors, burn) if burn else None
    found = suspects(readings, all_errors, burn, broke_s)
    parts, queue_ms = _time_spent(burn, calm, times)
    first = found[0] if found else None
    slow = None if first or failing is None else _slow_step(failing, parts)
    lines = telling.evidence(failing, found, readings, broke_s, _ended(steps))
    if parts:
        lines += (telling.Line(timespent.sentence(parts, queue_ms), "time_spent"),)
    return Verdict(
        sustained_per_s=result.sustained_per_s,
        failed_per_s=result.failed_per_s,
        gave_out=_gave_out(failing, first, slow),
        first_saturated_s=first.since_s if first else None,
        breach_s=broke_s,
        sentence=telling.sentence(
            result,
            first,
            slow,
            scenario,
            sandbox=bool(server.get("sandbox")),
            not_valid=_not_valid(steps),
        ),
        evidence=tuple(line.text for line in lines),
        evidence_about=tuple(line.about for line in lines),
        indicators=readings,
        time_spent=parts,
        sandbox=bool(server.get("sandbox")),
        believable=_believable(steps, result),
        warnings=_warnings(steps, samples, scenario),
    )


def _not_valid(steps: Sequence[Row]) -> str:
    """The reason of the first step that is not valid; "" where all that were judged are."""
    for row in steps:
        facts = judgement_dict(row.get("judgement"))
        if facts is not None and not facts["valid"] and facts["reasons"]:
            return str(facts["reasons"][0])
    return ""


def _gave_out(failing: Row | None, first: Suspect | None, slow: Spent | None) -> str | None:
    if failing is None:
        return None
    if first:
        return first.name
    return slow.name if slow else "unknown"


def _failing(steps: Sequence[Row], result: Capacity) -> Row | None:
    """The first step that was validly judged and not sustained."""
    if result.failed_per_s is None:
        return None
    return next(row for row in steps if _flag(row, "valid") and not _flag(row, "sustained"))


def _flag(row: Row, name: str) -> bool:
    facts = judgement_dict(row.get("judgement"))
    return bool(facts and facts[name])


def _span(row: Row, samples: pd.DataFrame) -> Window:
    last = float(samples["time_s"].max()) if len(samples) else math.inf
    to_s = row.get("to_s")
    return float(row["from_s"]), float(to_s) if to_s is not None else last


def _time_spent(
    burn: Window | None, calm: Sequence[Window], times: Callable[[Window], Times | None]
) -> tuple[tuple[Spent, ...], float | None]:
    """(the parts of the failing step's time, the server's queue in it)."""
    now = times(burn) if burn else None
    if now is None:
        return (), None
    before = times(calm[-1]) if calm else None
    return timespent.spent(before, now), now.server_queue_ms


def _slow_step(failing: Row, parts: tuple[Spent, ...]) -> Spent | None:
    """A step that takes too long by itself: times were missed, and nothing piled up or failed."""
    facts = judgement_dict(failing.get("judgement")) or {}
    reasons = facts.get("reasons", ())
    alone = bool(reasons) and all("percentile" in reason for reason in reasons)
    return timespent.slow_step(parts) if alone else None


def _ended(steps: Sequence[Row]) -> int:
    """Scenarios that ended in the judged parts of all steps."""
    found = 0
    for row in steps:
        facts = row.get("judgement")
        seen = facts.get("observation", {}) if isinstance(facts, Mapping) else {}
        found += int(seen.get("finished", 0))
    return found


def _believable(steps: Sequence[Row], result: Capacity) -> bool:
    """Every step up to the first failing one was valid, and one was judged."""
    judged = [row for row in steps if row.get("judgement") is not None]
    if result.failed_per_s is not None:
        failing = _failing(judged, result)
        judged = judged[: next(i for i, row in enumerate(judged) if row is failing) + 1]
    return bool(judged) and all(_flag(row, "valid") for row in judged)


def _warnings(steps: Sequence[Row], samples: pd.DataFrame, scenario: str) -> tuple[str, ...]:
    lines = []
    for row in steps:
        facts = judgement_dict(row.get("judgement")) or {}
        at = units.rate(float(row["rate_per_s"]), scenario)
        lines += [f"At {at}: {w['text']}; {w['hint']}" for w in facts.get("warnings", ())]
    sources = set(samples["source"]) if len(samples) else set()
    if "proc" not in sources:
        lines.append("CPU, memory, threads and descriptors of the server were not observed.")
    if "arango" not in sources:
        lines.append("The server's own metrics (V8 contexts, queue) were not observed.")
    return tuple(lines)
