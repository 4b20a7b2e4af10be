"""Date functions, in UTC or in a time zone of the IANA data base.

A date is a number of milliseconds since 1970 or an ISO 8601 text.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import time
from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final
from zoneinfo import ZoneInfo

from arangolab.sandbox.aql.context import BadArgument
from arangolab.sandbox.aql.functions.registry import table, text, usable
from arangolab.sandbox.values import to_number, to_string

Part = Callable[[dt.datetime], Any]
_EPOCH = dt.datetime(1970, 1, 1)
_ISO = re.compile(
    r"\s*(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?"
    r"(?:[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d+))?)?)?"
    r"(?:Z|([+-])(\d{1,2})(?::?(\d{2}))?)?\s*",
    re.IGNORECASE,
)
_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?"
    r"(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?"
)
_DAY_MS = 86_400_000
_UNITS = ("years", "months", "weeks", "days", "hours", "minutes", "seconds", "milliseconds")
_FIELDS = tuple(unit for unit in _UNITS if unit != "weeks")
_LENGTHS_MS = (365.2425 * _DAY_MS, 365.2425 * _DAY_MS / 12, 7 * _DAY_MS, _DAY_MS)
_LENGTH_MS: Final = dict(zip(_UNITS, (*_LENGTHS_MS, 3_600_000, 60_000, 1000, 1), strict=True))
_ALIASES: Final = {
    alias: unit
    for unit, letter in zip(_UNITS, "ymwdhisf", strict=True)
    for alias in (unit, unit[:-1], letter)
}


def moment(value: Any) -> dt.datetime:
    """A date argument as a UTC datetime; BadArgument (1572) if it is none."""
    try:
        if type(value) in (int, float):
            return _EPOCH + dt.timedelta(milliseconds=value)
        match = _ISO.fullmatch(value)
        if match is None:
            raise BadArgument(1572)
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
        micros = int((match[7] or "0").ljust(6, "0")[:6])
        made = dt.datetime(year, month or 1, day or 1, hour, minute, second, micros)
        offset = dt.timedelta(hours=int(match[9] or 0), minutes=int(match[10] or 0))
        return made + offset if match[8] == "-" else made - offset
    except (TypeError, ValueError, OverflowError):
        raise BadArgument(1572) from None


def _local(value: Any, zone: str = "UTC") -> dt.datetime:
    """What clocks there show at a moment."""
    return moment(value).replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _utc(shown: dt.datetime, zone: str) -> str:
    """The moment, in ISO 8601, at which clocks there show a date."""
    return iso(shown.replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC).replace(tzinfo=None))


def milliseconds(value: dt.datetime) -> int:
    """Milliseconds since 1970."""
    return round((value - _EPOCH) / dt.timedelta(milliseconds=1))


def iso(value: dt.datetime) -> str:
    """ISO 8601 with milliseconds and Z."""
    return value.isoformat(timespec="milliseconds") + "Z"


def _fields(value: dt.datetime) -> tuple[int, ...]:
    return (*value.timetuple()[:6], value.microsecond // 1000)


def _made(first: Any, *more: int) -> dt.datetime:
    """The moment of a date, or of year, month, day and perhaps smaller fields."""
    if not more:
        return moment(first)
    try:
        year, month, day, hour, minute, second, ms = (int(to_number(first)), *more, *[0] * 6)[:7]
        return dt.datetime(year, month, day, hour, minute, second, ms * 1000)
    except (ValueError, OverflowError):
        raise BadArgument(1572) from None


_ATTRIBUTES = ("year", "month", "day", "hour", "second")
_PARTS: Final[dict[str, tuple[str, Part]]] = {
    **{f"DATE_{part.upper()}": (part[0], attrgetter(part)) for part in _ATTRIBUTES},
    "DATE_MINUTE": ("i", attrgetter("minute")),
    "DATE_DAYOFWEEK": ("w", lambda d: d.isoweekday() % 7),
    "DATE_DAYOFYEAR": ("x", lambda d: d.timetuple().tm_yday),
    "DATE_DAYS_IN_MONTH": ("a", lambda d: calendar.monthrange(d.year, d.month)[1]),
    "DATE_ISOWEEK": ("k", lambda d: d.isocalendar().week),
    "DATE_LEAPYEAR": ("l", lambda d: calendar.isleap(d.year)),
    "DATE_MILLISECOND": ("f", lambda d: d.microsecond // 1000),
    "DATE_QUARTER": ("q", lambda d: (d.month + 2) // 3),
}
"""Functions of a date, and by which letter DATE_FORMAT knows the same."""
_LETTERS = dict(_PARTS.values())
_WORDS: Final[dict[str, Part]] = {
    "%": lambda _d: "%",
    "&": lambda _d: "",
    "t": milliseconds,
    "z": iso,
    "www": lambda d: calendar.day_abbr[d.weekday()],
    "wwww": lambda d: calendar.day_name[d.weekday()],
    "mmm": lambda d: calendar.month_abbr[d.month],
    "mmmm": lambda d: calendar.month_name[d.month],
    "yy": lambda d: f"{d.year % 100:02d}",
    "yyyyyy": lambda d: f"+{d.year:06d}",
}
"""Codes of DATE_FORMAT that are no numbers with as many digits as the code has letters."""
_CODE = re.compile(
    r"%(t|z|w{3,4}|w|y{6}|y{4}|yy?|m{1,4}|dd?|hh?|ii?|ss?|fff|f|xxx|x|kk?|l|q|a|&|%)?",
    re.IGNORECASE,
)


def _format(value: Any, pattern: str, zone: str = "UTC") -> str:
    when = _local(value, zone)

    def filled(match: re.Match[str]) -> str:
        code = (match[1] or "&").lower()
        if code in _WORDS:
            return str(_WORDS[code](when))
        return str(int(_LETTERS[code[0]](when))).zfill(len(code))

    return _CODE.sub(filled, pattern)


def _unit(name: Any, among: tuple[str, ...] = _UNITS) -> int:
    """Where a unit stands; ValueError if it is none of these."""
    return among.index(_ALIASES.get(to_string(name).lower(), ""))


def _moved(value: dt.datetime, amount: float, unit: str) -> dt.datetime:
    """Later by some units; a day that its month does not have lies in the next month."""
    try:
        if unit in ("years", "months"):
            months = value.month - 1 + int(amount) * (12 if unit == "years" else 1)
            first = value.replace(year=value.year + months // 12, month=months % 12 + 1, day=1)
            return first + dt.timedelta(days=value.day - 1)
        return value + dt.timedelta(milliseconds=amount * _LENGTH_MS[unit])
    except (OverflowError, ValueError):
        raise BadArgument(1572) from None


def _shifted(sign: int) -> Callable[..., str]:
    def shifted(value: Any, amount: Any, *unit_and_zone: str) -> str:
        duration = _DURATION.fullmatch(amount) if type(amount) is str else None
        zone = (*unit_and_zone[0 if duration else 1 :], "UTC")[0]
        shown = _local(value, zone)
        if duration is None:
            shown = _moved(shown, sign * to_number(amount), _UNITS[_unit(unit_and_zone[0])])
        for part, name in zip(duration.groups() if duration else (), _UNITS, strict=False):
            shown = _moved(shown, sign * float(part or 0), name)
        return _utc(shown, zone)

    return shifted


def _difference(start: Any, end: Any, unit: str, as_float: Any = False, *zones: str) -> float:
    if type(as_float) is str:
        as_float, zones = False, (as_float,)
    span = _local(end, *zones[-1:]) - _local(start, *zones[:1])
    found = span / dt.timedelta(milliseconds=1) / _LENGTH_MS[_UNITS[_unit(unit)]]
    return found if as_float and not found.is_integer() else int(found)


def _truncated(value: Any, unit: str, zone: str = "UTC") -> str:
    kept = _fields(_local(value, zone))[: _unit(unit, _FIELDS) + 1]
    return _utc(_made(*kept, *(1, 1, 1, 0, 0, 0, 0)[len(kept) :]), zone)


def _rounded(value: Any, amount: float, unit: str, zone: str = "UTC") -> str:
    shown, step_ms = _local(value, zone), int(amount * _LENGTH_MS[_UNITS[_unit(unit)]])
    return _utc(shown - dt.timedelta(milliseconds=milliseconds(shown) % step_ms), zone)


def _agree(one: Any, other: Any, first: str, last: str = "", *zones: str) -> bool:
    """Whether two dates agree from one unit down to another."""
    wanted = slice(_unit(first, _FIELDS), _unit(last or first, _FIELDS) + 1)
    shown, others = _local(one, *zones[:1]), _local(other, *zones[-1:])
    return _fields(shown)[wanted] == _fields(others)[wanted]


def _of_date(part: Part) -> Callable[..., Any]:
    return lambda value, zone="UTC": part(_local(value, zone))


table("dates", {f"{name}(v, s?)": _of_date(part) for name, (_, part) in _PARTS.items()})
table(
    "dates",
    {
        "DATE_ADD(v, v, s?, s?)": _shifted(1),
        "DATE_COMPARE(v, v, s, s?, s?, s?)": _agree,
        "DATE_DIFF(v, v, s, v?, s?, s?)": _difference,
        "DATE_FORMAT(v, s, s?)": _format,
        "DATE_ISO8601(v, i?, i?, i?, i?, i?, i?)": lambda *parts: iso(_made(*parts)),
        "DATE_ISOWEEKYEAR(v, s?)": _of_date(
            lambda d: {"week": d.isocalendar().week, "year": d.isocalendar().year}
        ),
        "DATE_LOCALTOUTC(v, s)": lambda value, zone: _utc(moment(value), zone),
        "DATE_NOW()": lambda: time.time_ns() // 1_000_000,
        "DATE_ROUND(v, n, s, s?)": _rounded,
        "DATE_SUBTRACT(v, v, s?, s?)": _shifted(-1),
        "DATE_TIMESTAMP(v, i?, i?, i?, i?, i?, i?)": lambda *parts: milliseconds(_made(*parts)),
        "DATE_TRUNC(v, s, s?)": _truncated,
        "DATE_UTCTOLOCAL(v, s)": lambda value, zone: iso(_local(value, zone))[
            : None if zone == "UTC" else -1
        ],
        "IS_DATESTRING(v)": usable(lambda value: moment(text(value))),
    },
)
