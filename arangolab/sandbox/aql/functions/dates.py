"""Date functions, in UTC; time zones are not offered.

A date is a number of milliseconds since 1970 or an ISO 8601 text.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import time
from collections.abc import Callable
from typing import Any

from arangolab.sandbox.aql.context import BadArgument
from arangolab.sandbox.aql.functions.convert import to_string
from arangolab.sandbox.aql.functions.registry import function, table
from arangolab.sandbox.values import to_number, truthy

_EPOCH = dt.datetime(1970, 1, 1)
_ISO = re.compile(
    r"\s*(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?"
    r"(?:[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d+))?)?)?"
    r"(Z|[+-]\d{1,2}(?::?\d{2})?)?\s*",
    re.IGNORECASE,
)
_UNITS = {
    "y": "years", "year": "years", "years": "years",
    "m": "months", "month": "months", "months": "months",
    "w": "weeks", "week": "weeks", "weeks": "weeks",
    "d": "days", "day": "days", "days": "days",
    "h": "hours", "hour": "hours", "hours": "hours",
    "i": "minutes", "minute": "minutes", "minutes": "minutes",
    "s": "seconds", "second": "seconds", "seconds": "seconds",
    "f": "milliseconds", "millisecond": "milliseconds", "milliseconds": "milliseconds",
}  # fmt: skip
_LENGTH_MS = {
    "weeks": 604_800_000.0,
    "days": 86_400_000.0,
    "hours": 3_600_000.0,
    "minutes": 60_000.0,
    "seconds": 1000.0,
    "milliseconds": 1.0,
    "years": 365.2425 * 86_400_000,
    "months": 365.2425 * 86_400_000 / 12,
}
_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?"
    r"(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,3}))?S)?)?"
)


def moment(value: Any) -> dt.datetime:
    """A date argument as a UTC datetime; BadArgument (1572) if it is none."""
    try:
        if type(value) in (int, float):
            return _EPOCH + dt.timedelta(milliseconds=value)
        match = _ISO.fullmatch(value) if type(value) is str else None
        if match is None:
            raise BadArgument(1572)
        return _from_text(match)
    except (ValueError, OverflowError):
        raise BadArgument(1572) from None


def _from_text(match: re.Match[str]) -> dt.datetime:
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    micros = int((match.group(7) or "0").ljust(6, "0")[:6])
    made = dt.datetime(year, month or 1, day or 1, hour, minute, second, micros)
    zone = match.group(8)
    if zone and zone.upper() != "Z":
        digits = zone[1:].replace(":", "").ljust(4, "0") if len(zone) > 3 else zone[1:] + "00"
        offset = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
        made -= offset if zone[0] == "+" else -offset
    return made


def milliseconds(value: dt.datetime) -> int:
    """Milliseconds since 1970."""
    return round((value - _EPOCH) / dt.timedelta(milliseconds=1))


def iso(value: dt.datetime) -> str:
    """ISO 8601 with milliseconds and Z."""
    return value.strftime("%Y-%m-%dT%H:%M:%S.").zfill(20) + f"{value.microsecond // 1000:03d}Z"


def _made(parts: tuple[Any, ...]) -> dt.datetime:
    if len(parts) == 1:
        return moment(parts[0])
    if len(parts) < 3:
        raise BadArgument(1572)
    try:
        numbers = [int(to_number(part)) for part in parts] + [0] * 4
        year, month, day, hour, minute, second, millis = numbers[:7]
        return dt.datetime(year, month, day, hour, minute, second, millis * 1000)
    except (ValueError, OverflowError):
        raise BadArgument(1572) from None


@function("DATE_TIMESTAMP", least=1, most=7)
def date_timestamp(*parts: Any) -> int:
    """Milliseconds since 1970, of a date or of year, month, day, ..."""
    return milliseconds(_made(parts))


@function("DATE_ISO8601", least=1, most=7)
def date_iso8601(*parts: Any) -> str:
    """ISO 8601, of a date or of year, month, day, ..."""
    return iso(_made(parts))


@function("IS_DATESTRING")
def is_datestring(value: Any) -> bool:
    """Whether a text can be used as a date."""
    if type(value) is not str:
        return False
    try:
        moment(value)
    except BadArgument:
        return False
    return True


Part = Callable[[dt.datetime], Any]
_PARTS: dict[str, tuple[str, Part]] = {
    "DATE_YEAR": ("y", lambda d: d.year),
    "DATE_MONTH": ("m", lambda d: d.month),
    "DATE_DAY": ("d", lambda d: d.day),
    "DATE_HOUR": ("h", lambda d: d.hour),
    "DATE_MINUTE": ("i", lambda d: d.minute),
    "DATE_SECOND": ("s", lambda d: d.second),
    "DATE_MILLISECOND": ("f", lambda d: d.microsecond // 1000),
    "DATE_DAYOFWEEK": ("w", lambda d: d.isoweekday() % 7),
    "DATE_DAYOFYEAR": ("x", lambda d: d.timetuple().tm_yday),
    "DATE_ISOWEEK": ("k", lambda d: d.isocalendar().week),
    "DATE_ISOWEEKYEAR": (
        "",
        lambda d: {"week": d.isocalendar().week, "year": d.isocalendar().year},
    ),
    "DATE_LEAPYEAR": ("l", lambda d: calendar.isleap(d.year)),
    "DATE_QUARTER": ("q", lambda d: (d.month + 2) // 3),
    "DATE_DAYS_IN_MONTH": ("a", lambda d: calendar.monthrange(d.year, d.month)[1]),
}
"""Functions of a date, and by which letter DATE_FORMAT knows the same."""


def _of_date(part: Part) -> Callable[[Any], Any]:
    return lambda value: part(moment(value))


def _unit(value: Any) -> str:
    unit = _UNITS.get(to_string(value).lower())
    if unit is None:
        raise BadArgument
    return unit


def _moved(value: dt.datetime, amount: float, unit: str) -> dt.datetime:
    try:
        if unit in ("years", "months"):
            months = value.month - 1 + int(amount) * (12 if unit == "years" else 1)
            year, month = value.year + months // 12, months % 12 + 1
            first = value.replace(year=year, month=month, day=1)
            return first + dt.timedelta(days=value.day - 1)
        return value + dt.timedelta(milliseconds=amount * _LENGTH_MS[unit])
    except (OverflowError, ValueError):
        raise BadArgument(1572) from None


def _shifted(value: Any, amount: Any, unit: Any, sign: int) -> str:
    start = moment(value)
    if unit is not None:
        return iso(_moved(start, sign * to_number(amount), _unit(unit)))
    match = _DURATION.fullmatch(to_string(amount))
    if match is None:
        raise BadArgument
    units = ("years", "months", "weeks", "days", "hours", "minutes", "seconds")
    for part, name in zip(match.groups()[:7], units, strict=True):
        start = _moved(start, sign * int(part or 0), name)
    return iso(_moved(start, sign * int((match.group(8) or "0").ljust(3, "0")), "milliseconds"))


@function("DATE_DIFF")
def date_diff(start: Any, end: Any, unit: Any, as_float: Any = False) -> Any:
    """How many units lie between two dates."""
    difference = (milliseconds(moment(end)) - milliseconds(moment(start))) / _LENGTH_MS[_unit(unit)]
    whole = difference.is_integer() or not truthy(as_float)
    return int(difference) if whole else difference


_FORMAT = re.compile(
    r"%(?:t|z|wwww|www|w|yyyyyy|yyyy|yy|y|mmmm|mmm|mm|m|dd|d|hh|h|ii|i|ss|s|fff|f|xxx|x|kk|k|l|q|a|%)"
)
_LETTERS = dict(_PARTS.values())
_WORDS: dict[str, Part] = {
    "%": lambda _d: "%",
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


@function("DATE_FORMAT")
def date_format(value: Any, pattern: Any) -> str:
    """A date after a pattern such as %yyyy-%mm-%dd."""
    when = moment(value)

    def filled(match: re.Match[str]) -> str:
        code = match.group()[1:]
        if code in _WORDS:
            return str(_WORDS[code](when))
        return str(int(_LETTERS[code[0]](when))).zfill(len(code))

    return _FORMAT.sub(filled, to_string(pattern))


@function("DATE_TRUNC")
def date_trunc(value: Any, unit: Any) -> str:
    """The start of the unit in which a date lies."""
    order = ("years", "months", "days", "hours", "minutes", "seconds")
    name = _unit(unit)
    if name not in order:
        raise BadArgument
    start = moment(value)
    kept = start.timetuple()[: order.index(name) + 1]
    year, month, day, hour, minute, second = (*kept, *(1, 1, 1, 0, 0, 0)[len(kept) :])
    return iso(dt.datetime(year, month, day, hour, minute, second))


@function("DATE_COMPARE")
def date_compare(one: Any, other: Any, first: Any, last: Any = None) -> bool:
    """Whether two dates agree from one unit down to another."""
    order = ("years", "months", "days", "hours", "minutes", "seconds", "milliseconds")
    begin = order.index(_unit(first))
    end = order.index(_unit(last)) if last is not None else begin
    a, b = ((*m.timetuple()[:6], m.microsecond // 1000) for m in (moment(one), moment(other)))
    return a[begin : end + 1] == b[begin : end + 1]


table({name: _of_date(part) for name, (_, part) in _PARTS.items()})
table(
    {
        "DATE_NOW": lambda: time.time_ns() // 1_000_000,
        "DATE_ADD": lambda value, amount, unit=None: _shifted(value, amount, unit, 1),
        "DATE_SUBTRACT": lambda value, amount, unit=None: _shifted(value, amount, unit, -1),
    }
)
