"""Date functions, in UTC.  A date is a number of milliseconds since 1970 or an ISO 8601 text."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import time
from typing import Any, Final

from arangolab.sandbox.aql.functions.registry import table

_EPOCH = dt.datetime(1970, 1, 1)
_MS = dt.timedelta(milliseconds=1)
_ONE_DIGIT = re.compile(r"(?<![\d.])\d(?!\d)")
_FIELDS = ("year", "month", "day", "hour", "minute", "second", "microsecond")
_NAMES = (*_FIELDS[:-1], "millisecond", "week")
_YEAR_MS, _DAY_MS = 365.2425 * 86_400_000, 86_400_000
_LENGTHS_MS = (_YEAR_MS, _YEAR_MS / 12, _DAY_MS, 3_600_000, 60_000, 1000, 1, 7 * _DAY_MS)
_UNITS: Final = {
    alias: place
    for place, (name, letter) in enumerate(zip(_NAMES, "ymdhisfw", strict=True))
    for alias in (name, f"{name}s", letter)
}
"""Places in the tuples above of what units can be called."""


def _moment(value: Any) -> dt.datetime:
    """A date argument; one of the errors that say it is none."""
    if type(value) in (int, float):
        return _EPOCH + dt.timedelta(milliseconds=value)
    text = _ONE_DIGIT.sub(r"0\g<0>", value.strip().upper())
    text += "-01-01"[len(text) - 4 :] if len(text) in (4, 7) else ""
    made = dt.datetime.fromisoformat(text)
    return made.astimezone(dt.UTC).replace(tzinfo=None) if made.tzinfo else made


def _date(*fields: int) -> dt.datetime:
    """The moment of a year, and perhaps month, day and smaller fields."""
    return dt.datetime(*fields, *(1, 1)[len(fields) - 1 :])  # type: ignore[arg-type]


def _made(first: Any, *more: int) -> dt.datetime:
    return _date(int(first), *more[:5]) + sum(more[5:]) * _MS if more else _moment(first)


def _timestamp(value: dt.datetime) -> int:
    return round((value - _EPOCH) / _MS)


def _iso(value: dt.datetime) -> str:
    return value.isoformat(timespec="milliseconds") + "Z"


def _moved(value: Any, amount: float, unit: str) -> str:
    """Later by some units; a day that its month does not have lies in the next month."""
    when, place = _moment(value), _UNITS[unit.lower()]
    if place > 1:
        return _iso(when + amount * _LENGTHS_MS[place] * _MS)
    months = when.month - 1 + int(amount) * (1 if place else 12)
    first = when.replace(year=when.year + months // 12, month=months % 12 + 1, day=1)
    return _iso(first + dt.timedelta(days=when.day - 1))


def _difference(start: Any, end: Any, unit: str, as_float: bool = False) -> float:
    found = (_moment(end) - _moment(start)) / _MS / _LENGTHS_MS[_UNITS[unit.lower()]]
    return found if as_float else int(found)


def _truncated(value: Any, unit: str) -> str:
    when = _moment(value)
    return _iso(_date(*(getattr(when, _FIELDS[i]) for i in range(_UNITS[unit.lower()] + 1))))


table(
    "dates",
    {
        **{f"DATE_{f.upper()} v": lambda v, f=f: getattr(_moment(v), f) for f in _FIELDS[:6]},
        "DATE_ADD v n s": _moved,
        "DATE_DAYOFWEEK v": lambda v: _moment(v).isoweekday() % 7,
        "DATE_DAYOFYEAR v": lambda v: _moment(v).timetuple().tm_yday,
        "DATE_DAYS_IN_MONTH v": lambda v: calendar.monthrange(*_moment(v).timetuple()[:2])[1],
        "DATE_DIFF v v s b?": _difference,
        "DATE_ISO8601 v i? i? i? i? i? i?": lambda *parts: _iso(_made(*parts)),
        "DATE_ISOWEEK v": lambda v: _moment(v).isocalendar()[1],
        "DATE_ISOWEEKYEAR v": lambda v: dict(
            zip(("year", "week"), _moment(v).isocalendar()[:2], strict=True)
        ),
        "DATE_LEAPYEAR v": lambda v: calendar.isleap(_moment(v).year),
        "DATE_MILLISECOND v": lambda v: _moment(v).microsecond // 1000,
        "DATE_NOW": lambda: time.time_ns() // 1_000_000,
        "DATE_QUARTER v": lambda v: (_moment(v).month + 2) // 3,
        "DATE_SUBTRACT v n s": lambda value, amount, unit: _moved(value, -amount, unit),
        "DATE_TIMESTAMP v i? i? i? i? i? i?": lambda *parts: _timestamp(_made(*parts)),
        "DATE_TRUNC v s": _truncated,
        "IS_DATESTRING v": lambda value: bool(_moment(value + "")),
    },
    1572,
)
