"""What "sustained" means: an objective as a value and as a line of text."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Final

from arangolab import showing
from arangolab.errors import InputError

PERCENTS: Final = (50, 95, 99)
"""Percentiles of the response time that an objective can name."""
_EXAMPLE: Final = '"response_p95<500ms, errors<1%, in_flight stable"'
_TERM: Final = re.compile(r"([a-z_0-9]+)\s*(<=|>=|<|>)\s*([0-9.]+(?:e-?[0-9]+)?)\s*(ms|s|%|)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """What "sustained" means for a step."""

    error_ratio_max: float = 0.01
    """Failed / finished scenarios, at most."""
    shed_ratio_max: float = 0.0
    """Arrivals not started because the in-flight bound was reached / intended, at most."""
    finished_ratio_min: float = 0.9
    """Finished / intended within the judged part of the hold, at least."""
    response_p50_ms_max: float | None = None
    """Median of the response time from the intended start, at most; None: not judged."""
    response_p95_ms_max: float | None = None
    """95th percentile of it, at most; None: not judged."""
    response_p99_ms_max: float | None = None
    """99th percentile of it, at most; None: not judged."""
    in_flight_stable: bool = True
    """Scenarios in flight must not grow over the hold (Theil-Sen slope, beyond chance)."""

    @classmethod
    def parse(cls, text: str) -> Objective:
        """The objective in words: ``response_p95<500ms, errors<1%, in_flight stable``.

        Terms, by commas: ``response_p50|p95|p99 < TIME`` (ms or s), ``errors < RATIO``,
        ``finished > RATIO``, ``achieved > RATIO`` (started / intended), ``in_flight stable`` or
        ``in_flight any``.  A ratio is ``1%`` or ``0.01``.  What is not named keeps its default.
        Raises InputError, with the term that is not understood.
        """
        made: dict[str, Any] = {}
        for term in filter(None, (part.strip() for part in text.lower().split(","))):
            name, value = _understood(term)
            if name in made:
                raise InputError(f"The objective names {term!r} twice.", hint=_EXAMPLE)
            made[name] = value
        return replace(cls(), **made)

    @property
    def response_limits_ms(self) -> tuple[tuple[int, float], ...]:
        """(percent, limit in ms) of each response-time percentile that is judged."""
        limits = [(p, getattr(self, f"response_p{p}_ms_max")) for p in PERCENTS]
        return tuple((percent, limit) for percent, limit in limits if limit is not None)

    def __str__(self) -> str:
        """The objective as :meth:`parse` reads it."""
        terms = [f"response_p{p}<{ms:.10g}ms" for p, ms in self.response_limits_ms]
        terms.append(f"errors<{self.error_ratio_max * 100:g}%")
        if self.finished_ratio_min != Objective().finished_ratio_min:
            terms.append(f"finished>{self.finished_ratio_min * 100:g}%")
        if self.shed_ratio_max:
            terms.append(f"achieved>{(1 - self.shed_ratio_max) * 100:g}%")
        terms.append("in_flight stable" if self.in_flight_stable else "in_flight any")
        return ", ".join(terms)

    def __repr__(self) -> str:
        return f"Objective.parse({str(self)!r})"

    def _repr_html_(self) -> str:
        rows = [(f"response time p{p}", f"below {ms:.10g} ms") for p, ms in self.response_limits_ms]
        rows += [
            ("errors", f"below {self.error_ratio_max * 100:g} % of the finished"),
            ("finished", f"above {self.finished_ratio_min * 100:g} % of the intended"),
            ("started", f"at least {(1 - self.shed_ratio_max) * 100:g} % of the intended"),
            ("in flight", "must not grow" if self.in_flight_stable else "may grow"),
        ]
        return showing.table(rows)


def _understood(term: str) -> tuple[str, Any]:
    """(field, value) of one term; raises InputError."""
    words = term.split()
    if words[0] == "in_flight" and words[1:] in (["stable"], ["any"]):
        return "in_flight_stable", words[1] == "stable"
    found = _TERM.fullmatch(term)
    if found is None:
        raise _odd(term)
    name, sign, number, unit = found.groups()
    try:
        value = float(number)
    except ValueError:
        raise _odd(term) from None
    if time := re.fullmatch(r"response_p(\d+)", name):
        return _response(term, int(time[1]), sign, value, unit)
    return _ratio(term, name, sign, value, unit)


def _response(term: str, percent: int, sign: str, value: float, unit: str) -> tuple[str, Any]:
    if percent not in PERCENTS or sign[0] != "<" or unit not in ("ms", "s") or not value > 0:
        raise _odd(term)
    return f"response_p{percent}_ms_max", value * (1e3 if unit == "s" else 1.0)


def _ratio(term: str, name: str, sign: str, value: float, unit: str) -> tuple[str, Any]:
    ratio = value / 100 if unit == "%" else value
    if unit not in ("%", "") or not 0 <= ratio <= 1:
        raise _odd(term)
    match name, sign[0]:
        case "errors", "<":
            return "error_ratio_max", ratio
        case "finished", ">":
            return "finished_ratio_min", ratio
        case "achieved", ">":
            return "shed_ratio_max", round(1 - ratio, 9)
    raise _odd(term)


def _odd(term: str) -> InputError:
    return InputError(
        f"{term!r} is no part of an objective: response_p50, response_p95 or response_p99 below a "
        "time, errors below or finished or achieved above a ratio, in_flight stable or any.",
        hint=_EXAMPLE,
    )
