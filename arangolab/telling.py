"""A verdict's words: the sentence, and the evidence line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from arangolab import units
from arangolab.capacity import Capacity, judgement_dict
from arangolab.indicators import Reading
from arangolab.suspects import Suspect
from arangolab.timespent import Spent

Row = Mapping[str, Any]

SANDBOX: Final = "Sandbox (not ArangoDB): "
TOLD_RATIO: Final = 0.01
"""A resource that is used less than this, of its limit, is not worth a line."""
NONE_KNOWN: Final = "none of the known indicators"
AFTERWARDS: Final = "after the trouble began: a consequence"


class Line(NamedTuple):
    """A line of evidence."""

    text: str
    about: str
    """What it is about, and what shows it: an indicator's name, objective, errors, time_spent."""


def sentence(
    result: Capacity,
    first: Suspect | None,
    slow: Spent | None,
    scenario: str,
    *,
    sandbox: bool,
    not_valid: str = "",
) -> str:
    """The verdict in one sentence.  ``not_valid``: why the step that would have decided is not."""
    words = _sentence(result, _cause_words(first, slow), scenario)
    if result.failed_per_s is None and not_valid:
        words = f"{words.removesuffix('.')} ({not_valid})."
    return f"{SANDBOX}{words[0].lower()}{words[1:]}" if sandbox else words


def evidence(
    failing: Row | None,
    suspects: Sequence[Suspect],
    readings: Sequence[Reading],
    breach_s: float | None,
    ended: int,
) -> tuple[Line, ...]:
    """What it rests on, a sentence each.  ``ended``: scenarios in all, to tell errors' share."""
    lines: list[Line] = []
    if failing is not None:
        facts = judgement_dict(failing.get("judgement")) or {}
        why = "; ".join(facts.get("reasons", ()))
        at = units.number(float(failing["rate_per_s"]))
        lines.append(Line(f"At {at}/s: {why}.", "objective"))
    for suspect in suspects:
        lines += _suspect_lines(suspect, breach_s, ended)
    named = {reading.name for suspect in suspects for reading in suspect.readings}
    rest = [reading for reading in readings if reading.name not in named]
    told = [r for r in rest if r.rose or (r.ratio or 0.0) >= TOLD_RATIO]
    lines += [Line(_rest_line(one, failing is not None), one.name) for one in told]
    return tuple(lines)


def _sentence(result: Capacity, cause: str, scenario: str) -> str:
    if result.failed_per_s is None:
        return result.sentence
    at = units.rate(result.failed_per_s, scenario)
    if result.sustained_per_s is None:
        return f"Does not sustain {at}, the lowest rate tried: {cause}."
    return f"Sustains {units.rate(result.sustained_per_s, scenario)}; at {at} {cause}."


def _cause_words(first: Suspect | None, slow: Spent | None) -> str:
    if first is None:
        words = f"{NONE_KNOWN} reached its limit"
        if slow is None:
            return words
        return f"{words}: the {slow.label} takes {units.seconds(slow.burn_ms / 1e3)} at any load"
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


def _suspect_lines(suspect: Suspect, breach_s: float | None, ended: int) -> list[Line]:
    lines = []
    for reading in suspect.readings:
        since_s = reading.first_saturated_s or 0.0
        text = f"{_upper(reading.label)}: {reading.words()} from {units.seconds(since_s)} on"
        lines.append(Line(f"{text}{_led(since_s, breach_s)}.", reading.name))
    if suspect.clue:
        clue = suspect.clue
        share = f" ({units.percent(clue.count / ended)} of all scenarios)" if ended else ""
        text = f'{clue.count} errors{share} say "{_short(clue.message)}", the first at '
        at = f"{units.seconds(clue.first_s)}{_led(clue.first_s, breach_s)}."
        lines.append(Line(text + at, "errors"))
    return lines


def _led(since_s: float, breach_s: float | None) -> str:
    """How long before or after the trouble began."""
    if breach_s is None:
        return ""
    lead_s = breach_s - since_s
    if abs(lead_s) < 0.05:
        return ", as the trouble began"
    way = "before" if lead_s > 0 else "after"
    return f", {units.seconds(abs(lead_s))} {way} the trouble began"


def _rest_line(reading: Reading, burning: bool) -> str:
    text = f"{_upper(reading.label)}: {reading.words()}"
    if reading.first_saturated_s is not None:
        since = units.seconds(reading.first_saturated_s)
        why = "most of it not by the server" if reading.name == "host_cpu" else AFTERWARDS
        return f"{text} from {since} on, {why}."
    if burning and reading.rose and reading.follows and reading.calm is not None:
        return (
            f"{text}, up from {units.number(reading.calm)}: clients piling up, a symptom and "
            "not the cause."
        )
    if reading.event:
        return f"{text}, seldom."
    return f"{text}, below its limit." if reading.limit else f"{text}, limit not known."


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
