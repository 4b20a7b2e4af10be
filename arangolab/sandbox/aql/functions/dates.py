"""Date functions.  A date is a number of milliseconds since 1970 or an ISO 8601 text.

Where a time zone is named, a date is taken for what clocks show there, and back to UTC in the end.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import time
from typing import Any, Final
from zoneinfo import ZoneInfo

from arangolab.sandbox.aql.functions.registry import Call, table
from arangolab.sandbox.faults import ArangoError, check

_EPOCH = dt.datetime(1970, 1, 1)
_MS = dt.timedelta(milliseconds=1)
_TEXT = re.compile(
    r"(\d{1,4})(?:-(0?[1-9]|1[0-2])(?:-(0?[1-9]|[12]\d|3[01]))?)?"
    r"(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,6})\d*)?)?)?(Z|[+-]\d\d:\d\d)?"
)
_FIELDS = ("year", "month", "day", "hour", "minute", "second", "microsecond")
_NAMES = (*_FIELDS[:-1], "millisecond", "week")
_LENGTHS_MS = (31_556_952_000, 2_629_746_000, 86_400_000, 3_600_000, 60_000, 1000, 1, 604_800_000)
_UNITS: Final = {u: i for i, n in enumerate(_NAMES) for u in (n, f"{n}s", "ymdhisfw"[i])}
"""Places in the tuples above of what units can be called; a year has 365.2425 days."""


def _zone(name: str) -> dt.tzinfo:
    try:
        return dt.UTC if name == "UTC" else ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise ArangoError(10, f"'{name}' is no known time zone") from None


def moment(value: Any, zone: str = "UTC") -> dt.datetime:
    """A date argument in a time zone; one of the errors that say it is none."""
    if type(value) in (int, float):
        made = _EPOCH + float(value) * _MS
    else:
        found: Any = _TEXT.fullmatch(value.strip().upper())
        *fields, fraction, offset = found.groups("")
        made = _date(*(int(field or i < 3) for i, field in enumerate(fields)))
        made += int(fraction.ljust(6, "0")) * _MS / 1000
        made -= dt.datetime.fromisoformat("2000-01-01T00" + offset).utcoffset() or 0 * _MS
    return made.replace(tzinfo=dt.UTC).astimezone(_zone(zone)).replace(tzinfo=None)


def _date(year: int, month: int = 1, day: int = 1, *smaller: int) -> dt.datetime:
    """The moment of these; what is too much for one goes over to the next larger one."""
    years, month = divmod(month - 1, 12)
    hour, minute, second, microsecond = (*smaller, 0, 0, 0, 0)[:4]
    clock = dt.timedelta(day - 1, second, microsecond, 0, minute, hour)
    return dt.datetime(year + years, month + 1, 1) + clock


def _fields(*date: Any) -> list[int]:
    when = moment(*date)
    return [getattr(when, name) for name in _FIELDS]


def _made(first: Any, *more: int) -> dt.datetime:
    check(min(more, default=0) >= 0, 1572)
    return _date(int(first), *more[:5]) + sum(more[5:]) * _MS if more else moment(first)


def _iso(value: dt.datetime, zone: str = "UTC") -> str:
    """As text in UTC, of a moment in a time zone."""
    there = value.replace(tzinfo=_zone(zone)).astimezone(dt.UTC)
    return there.isoformat(timespec="milliseconds")[:-6] + "Z"


def _moved(value: Any, amount: float, unit: str, zone: str = "UTC") -> str:
    """Later by some units; a day that its month does not have lies in the next month."""
    fields, place = _fields(value, zone), _UNITS[unit.lower()]
    if place < 2:
        fields[place] += int(amount)
        amount = 0
    return _iso(_date(*fields) + amount * _LENGTHS_MS[place] * _MS, zone)


def _difference(start: Any, end: Any, unit: str, *how: Any) -> float:
    """``how``: whether as a float, and one or two time zones; each may be left out."""
    zones = [zone for zone in how if type(zone) is str] or ["UTC"]
    apart = moment(end, zones[-1]) - moment(start, zones[0])
    found = apart / _MS / _LENGTHS_MS[_UNITS[unit.lower()]]
    return found if True in how else round(found)


def _alike(one: Any, other: Any, first: str, last: str = "", *zones: str) -> bool:
    kept = slice(_UNITS[first.lower()], _UNITS[(last or first).lower()] + 1)
    return _fields(one, *zones[:1])[kept] == _fields(other, *zones[-1:])[kept]


def _rounded(value: Any, amount: int, unit: str, zone: str = "UTC") -> str:
    when, place = moment(value, zone), _UNITS[unit.lower()]
    step = amount * _LENGTHS_MS[place] * (1 < place < 7) * _MS
    return _iso(when - (when - _EPOCH) % step, zone)


def _truncated(value: Any, unit: str, zone: str = "UTC") -> str:
    return _iso(_date(*_fields(value, zone)[: range(7)[_UNITS[unit.lower()]] + 1]), zone)


def _local(value: Any, zone: str) -> str:
    there = moment(value, zone)
    return _iso(there).removesuffix("Z" if there != moment(value) else "")


ROWS: Final[dict[str, Call]] = {
    **{f"DATE_{f.upper()} v s?": lambda *d, f=f: getattr(moment(*d), f) for f in _FIELDS[:6]},
    "DATE_ADD v n s s?": _moved,
    "DATE_COMPARE v v s s? s? s?": _alike,
    "DATE_DAYOFWEEK v s?": lambda *date: moment(*date).isoweekday() % 7,
    "DATE_DAYOFYEAR v s?": lambda *date: moment(*date).timetuple().tm_yday,
    "DATE_DAYS_IN_MONTH v s?": lambda *date: calendar.monthrange(*_fields(*date)[:2])[1],
    "DATE_DIFF v v s v? v? v?": _difference,
    "DATE_ISO8601 v i? i? i? i? i? i?": lambda *parts: _iso(_made(*parts)),
    "DATE_ISOWEEK v s?": lambda *date: moment(*date).isocalendar()[1],
    "DATE_ISOWEEKYEAR v s?": lambda *date: dict(
        zip(("year", "week"), moment(*date).isocalendar()[:2], strict=True)
    ),
    "DATE_LEAPYEAR v s?": lambda *date: calendar.isleap(moment(*date).year),
    "DATE_LOCALTOUTC v s": lambda value, zone: _iso(moment(value), zone),
    "DATE_MILLISECOND v s?": lambda *date: moment(*date).microsecond // 1000,
    "DATE_NOW": lambda: time.time_ns() // 1_000_000,
    "DATE_QUARTER v s?": lambda *date: (moment(*date).month + 2) // 3,
    "DATE_ROUND v i s s?": _rounded,
    "DATE_SUBTRACT v n s s?": lambda value, amount, *how: _moved(value, -amount, *how),
    "DATE_TIMESTAMP v i? i? i? i? i? i?": lambda *parts: round((_made(*parts) - _EPOCH) / _MS),
    "DATE_TRUNC v s s?": _truncated,
    "DATE_UTCTOLOCAL v s": _local,
    "IS_DATESTRING v": lambda value: bool(moment(value + "")),
}
table("dates", ROWS, 1572)
