"""Which resource gave out first: the verdict on a ramp, with its evidence."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from arangolab import indicators, stats, units
from arangolab.capacity import Capacity, judgement_dict, summarize_ramp
from arangolab.evidence import Clue, clues
from arangolab.indicators import Reading, Window

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]

CLUE_SHARE_MIN: Final = 0.1
"""Errors that are fewer than this share of all explain nothing."""
LATE_S: Final = 5.0
LATE_RATIO: Final = 0.2
"""A resource saturated later after the breach than this (of the hold) is a consequence."""
CPU_LEAD_S: Final = 2.0
"""A full CPU makes every other resource be held for longer, so it goes before its equals."""
SANDBOX: Final = "Sandbox (not ArangoDB): "
NONE_KNOWN: Final = "none of the known indicators"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a run says about the server."""

    sustained_per_s: float | None
    """Highest sustained rate below the first failing one."""
    failed_per_s: float | None
    """First rate that was not sustained; None: the limit was not reached."""
    gave_out: str | None
    """Name of what gave out first: an indicator, or conflicts | server_gone | no_reply |
    test_itself | unknown; None: nothing did."""
    first_saturated_s: float | None
    """Seconds of the run from which on it was at its limit, or its first error."""
    sentence: str
    """The verdict in one sentence."""
    evidence: tuple[str, ...]
    """What it rests on, a sentence each; symptoms are said to be such."""
    indicators: tuple[Reading, ...]
    sandbox: bool
    """The server was the sandbox, not an ArangoDB."""
    believable: bool
    """Every step that decided was valid."""
    warnings: tuple[str, ...]
    """What speaks against believing it, and what was not observed."""


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A resource that may have given out."""

    name: str
    label: str
    since_s: float
    reading: Reading | None
    clue: Clue | None

    @property
    def rank(self) -> float:
        return self.since_s - (CPU_LEAD_S if self.name == "cpu" else 0.0)


def diagnose(
    samples: pd.DataFrame,
    steps: Sequence[Row],
    errors: Iterable[Row],
    server: Row,
    *,
    scenario: str = "scenarios",
) -> Verdict:
    """The verdict.

    ``samples``: columns time_s, source, name, value, unit.  ``steps``: rows with rate_per_s,
    from_s, to_s, judgement.  ``errors``: rows of the run file's table.  ``server``: facts, of
    which ``sandbox`` and ``limits`` (see indicators.read) are used.
    """
    result = summarize_ramp(steps, scenario)
    failing = _failing(steps, result)
    burn = _span(failing, samples) if failing else None
    calm = [_span(row, samples) for row in steps if _flag(row, "sustained")]
    readings = indicators.read(samples, server.get("limits") or {}, calm, burn)
    all_errors = list(errors)
    found = clues(all_errors)
    suspects = _suspects(samples, readings, found, all_errors, burn)
    first = suspects[0] if suspects else None
    sandbox = bool(server.get("sandbox"))
    gave_out = None if burn is None else (first.name if first else "unknown")
    return Verdict(
        sustained_per_s=result.sustained_per_s,
        failed_per_s=result.failed_per_s,
        gave_out=gave_out,
        first_saturated_s=first.since_s if first else None,
        sentence=_prefixed(_sentence(result, first, scenario), sandbox),
        evidence=_evidence(failing, suspects, readings, burn),
        indicators=readings,
        sandbox=sandbox,
        believable=_believable(steps, result),
        warnings=_warnings(steps, samples, scenario),
    )


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


def _suspects(
    samples: pd.DataFrame,
    readings: Sequence[Reading],
    found: Sequence[Clue],
    errors: Sequence[Row],
    burn: Window | None,
) -> list[_Suspect]:
    """What may have given out in the failing step, the first first."""
    if burn is None:
        return []
    total = sum(int(row.get("count") or 0) for row in errors)
    telling = {
        c.cause: c for c in found if c.first_s <= burn[1] and c.count >= CLUE_SHARE_MIN * total
    }
    latest_s = _breach_s(samples, telling.values(), burn) + max(
        LATE_S, LATE_RATIO * (burn[1] - burn[0])
    )
    made = []
    for reading in readings:
        since_s = reading.first_saturated_s
        if since_s is not None and since_s <= latest_s:
            clue = telling.pop(reading.name, None)
            made.append(_Suspect(reading.name, reading.label, since_s, reading, clue))
    by_name = {reading.name: reading for reading in readings}
    made += [
        _Suspect(clue.cause, clue.label, clue.first_s, by_name.get(clue.cause), clue)
        for clue in telling.values()
    ]
    return sorted(made, key=lambda suspect: suspect.rank)


def _breach_s(samples: pd.DataFrame, found: Iterable[Clue], burn: Window) -> float:
    """When the failing step first went wrong: an error, a shed arrival, clients piling up."""
    times_s, levels = indicators.series(samples, "injector", "in_flight")
    inside = (times_s >= burn[0]) & (times_s <= burn[1])
    before = levels[times_s < burn[0]]
    usual = stats.percentile(before, 95) if len(before) else 0.0
    piling_s = stats.first_lasting(times_s[inside], levels[inside] > 1.5 * usual + 3)
    shed_s, shed = indicators.series(samples, "injector", "shed_per_s")
    bad_s, bad = indicators.series(samples, "injector", "failed_per_s")
    signs = [
        piling_s,
        *shed_s[(shed > 0) & (shed_s >= burn[0])][:1],
        *bad_s[(bad > 0) & (bad_s >= burn[0])][:1],
        *(c.first_s for c in found if c.first_s >= burn[0]),
    ]
    return min((float(s) for s in signs if math.isfinite(s)), default=burn[1])


def _sentence(result: Capacity, first: _Suspect | None, scenario: str) -> str:
    if result.failed_per_s is None:
        return result.sentence
    at = units.rate(result.failed_per_s, scenario)
    cause = _cause_words(first)
    if result.sustained_per_s is None:
        return f"Does not sustain {at}, the lowest rate tried: {cause}."
    return f"Sustains {units.rate(result.sustained_per_s, scenario)}; at {at} {cause}."


def _cause_words(first: _Suspect | None) -> str:
    if first is None:
        return f"{NONE_KNOWN} reached its limit"
    details = []
    if first.reading and first.reading.first_saturated_s is not None:
        since = units.seconds(first.reading.first_saturated_s)
        details.append(f"{first.reading.words()} from {since} on")
    if first.clue:
        details.append(f'first error "{_short(first.clue.message)}"')
    return f"{first.label} gave out first ({'; '.join(details)})"


def _short(message: str, most: int = 120) -> str:
    line = " ".join(message.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _prefixed(sentence: str, sandbox: bool) -> str:
    return f"{SANDBOX}{sentence[0].lower()}{sentence[1:]}" if sandbox else sentence


def _evidence(
    failing: Row | None,
    suspects: Sequence[_Suspect],
    readings: Sequence[Reading],
    burn: Window | None,
) -> tuple[str, ...]:
    lines: list[str] = []
    if failing and burn:
        facts = judgement_dict(failing.get("judgement")) or {}
        why = "; ".join(facts.get("reasons", ()))
        lines.append(f"At {units.number(float(failing['rate_per_s']))}/s: {why}.")
    for suspect in suspects:
        lines += _suspect_lines(suspect)
    named = {suspect.name for suspect in suspects}
    rest = [reading for reading in readings if reading.name not in named]
    lines += [_rest_line(r, burn is not None) for r in rest if r.rose or r.ratio is not None]
    return tuple(lines)


def _suspect_lines(suspect: _Suspect) -> list[str]:
    lines = []
    if suspect.reading and suspect.reading.first_saturated_s is not None:
        since = units.seconds(suspect.reading.first_saturated_s)
        lines.append(f"{_upper(suspect.label)}: {suspect.reading.words()} from {since} on.")
    if suspect.clue:
        lines.append(
            f'{suspect.clue.count} errors say "{_short(suspect.clue.message)}", the first at '
            f"{units.seconds(suspect.clue.first_s)}."
        )
    return lines


def _rest_line(reading: Reading, burning: bool) -> str:
    text = f"{_upper(reading.label)}: {reading.words()}"
    if reading.first_saturated_s is not None:
        since = units.seconds(reading.first_saturated_s)
        return f"{text} from {since} on, after the trouble began: a consequence."
    if burning and reading.rose and reading.follows and reading.calm is not None:
        return (
            f"{text}, up from {units.number(reading.calm)}: clients piling up, a symptom and "
            "not the cause."
        )
    return f"{text}, below its limit." if reading.limit else f"{text}, limit not known."


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


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
