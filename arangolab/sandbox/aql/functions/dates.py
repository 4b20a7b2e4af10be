"""Date functions, in UTC.  A date is a number of milliseconds since 1970 or an ISO 8601 text."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import time
from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

from arangolab.sandbox.aql.functions.registry import table

Part = Callable[[dt.datetime], Any]
_EPOCH = dt.datetime(1970, 1, 1)
_MS = dt.timedelta(milliseconds=1)
_ONE_DIGIT = re.compile(r"(?<![\d.])\d(?!\d)")
_FIELDS = ("year", "month", "day", "hour", "minute", "second", "microsecond")
_YEAR_MS, _DAY_MS = 365.2425 * 86_400_000, 86_400_000
_LENGTHS_MS: Final = dict(
    zip(
        ["year", "month", "day", "hour", "minute", "second", "millisecond", "week"],
        (_YEAR_MS, _YEAR_MS / 12, _DAY_MS, 3_600_000, 60_000, 1000, 1, 7 * _DAY_MS),
        strict=True,
    )
)
_PLACES: Final = {unit: place for place, unit in enumerate(list(_LENGTHS_MS)[:-1])}
_UNITS: Final = {
    alias: unit
    for unit, letter in zip(_LENGTHS_MS, "ymdhisfw", strict=True)
    for alias in (unit, f"{unit}s", letter)
}


def _moment(value: Any) -> dt.datetime:
    """A date argument; one of the errors that say it is none."""
    if type(value) in (int, float):
        return _EPOCH + dt.timedelta(milliseconds=value)
    text = _ONE_DIGIT.sub(r"0\g<0>", value.strip().upper())
    text += "-01-01"[len(text) - 4 :] if len(text) in (4, 7) else ""
    made = dt.datetime.fromisoformat(text)
    return made.astimezone(dt.UTC).replace(tzinfo=None) if made.tzinfo else made


def _date(*fields: Any) -> dt.datetime:
    """The moment of a year, and perhaps month, day and smaller fields."""
    given = [int(field) for field in (*fields, *(1, 1)[len(fields) - 1 :])]
    return dt.datetime(*given)  # type: ignore[arg-type]


def _made(first: Any, *more: int) -> dt.datetime:
    return _date(first, *more[:5]) + sum(more[5:]) * _MS if more else _moment(first)


def _timestamp(value: dt.datetime) -> int:
    return round((value - _EPOCH) / _MS)


def _iso(value: dt.datetime) -> str:
    return value.isoformat(timespec="milliseconds") + "Z"


_PARTS: Final[dict[str, tuple[str, Part]]] = {
    **{f"DATE_{part.upper()}": (part[0], attrgetter(part)) for part in _FIELDS[:4]},
    "DATE_MINUTE": ("i", attrgetter("minute")),
    "DATE_SECOND": ("s", attrgetter("second")),
    "DATE_MILLISECOND": ("f", lambda d: d.microsecond // 1000),
    "DATE_DAYOFWEEK": ("w", lambda d: d.isoweekday() % 7),
    "DATE_DAYOFYEAR": ("x", lambda d: d.timetuple().tm_yday),
    "DATE_DAYS_IN_MONTH": ("a", lambda d: calendar.monthrange(d.year, d.month)[1]),
    "DATE_ISOWEEK": ("k", lambda d: d.isocalendar().week),
    "DATE_LEAPYEAR": ("l", lambda d: calendar.isleap(d.year)),
    "DATE_QUARTER": ("q", lambda d: (d.month + 2) // 3),
    "": ("t", _timestamp),
}
"""Functions of a date, and by which letter DATE_FORMAT knows the same."""
_LETTERS = dict(_PARTS.values())
_NAMES: Final = {"www": "%a", "wwww": "%A", "mmm": "%b", "mmmm": "%B", "yy": "%y", "%": "%%"}
_CODE = re.compile("%(w{3,4}|y{4}|yy?|m{1,4}|dd?|hh?|ii?|ss?|fff|xxx|kk?|[twfxlqaz%&])?", re.I)


def _format(value: Any, pattern: str) -> str:
    when = _moment(value)

    def filled(match: re.Match[str]) -> str:
        code = (match[1] or "").lower()
        if code[:1] in _LETTERS and code not in _NAMES:
            return str(int(_LETTERS[code[0]](when))).zfill(len(code))
        return _iso(when) if code == "z" else when.strftime(_NAMES.get(code, ""))

    return _CODE.sub(filled, pattern)


def _moved(value: Any, amount: float, name: str) -> str:
    """Later by some units; a day that its month does not have lies in the next month."""
    when, unit = _moment(value), _UNITS[name.lower()]
    if unit not in ("year", "month"):
        return _iso(when + amount * _LENGTHS_MS[unit] * _MS)
    months = when.month - 1 + int(amount) * (12 if unit == "year" else 1)
    first = when.replace(year=when.year + months // 12, month=months % 12 + 1, day=1)
    return _iso(first + dt.timedelta(days=when.day - 1))


def _difference(start: Any, end: Any, unit: str, as_float: bool = False) -> float:
    found = (_moment(end) - _moment(start)) / _MS / _LENGTHS_MS[_UNITS[unit.lower()]]
    return found if as_float else int(found)


def _fields(value: Any, first: str, last: str) -> tuple[int, ...]:
    """The fields of a date from one unit down to another."""
    low, high = (_PLACES[_UNITS[unit.lower()]] for unit in (first, last))
    return tuple(getattr(_moment(value), field) for field in _FIELDS[low : high + 1])


def _of_date(part: Part) -> Callable[..., Any]:
    return lambda value: part(_moment(value))


table("dates", {f"{name}(v)": _of_date(part) for name, (_, part) in _PARTS.items() if name}, 1572)
table(
    "dates",
    {
        "DATE_ADD(v, n, s)": _moved,
        "DATE_COMPARE(v, v, s, s?)": lambda one, other, first, last=None: (
            _fields(one, first, last or first) == _fields(other, first, last or first)
        ),
        "DATE_DIFF(v, v, s, b?)": _difference,
        "DATE_FORMAT(v, s)": _format,
        "DATE_ISO8601(v, i?, i?, i?, i?, i?, i?)": lambda *parts: _iso(_made(*parts)),
        "DATE_ISOWEEKYEAR(v)": _of_date(
            lambda d: dict(zip(("year", "week"), d.isocalendar(), strict=False))
        ),
        "DATE_NOW()": lambda: time.time_ns() // 1_000_000,
        "DATE_SUBTRACT(v, n, s)": lambda value, amount, unit: _moved(value, -amount, unit),
        "DATE_TIMESTAMP(v, i?, i?, i?, i?, i?, i?)": lambda *parts: _timestamp(_made(*parts)),
        "DATE_TRUNC(v, s)": lambda value, unit: _iso(_date(*_fields(value, "year", unit))),
    },
    1572,
)
table("dates", {"IS_DATESTRING(v)": lambda value: bool(_moment(value + ""))}, False)
