"""Types, numbers, and what can be said about many of them."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable
from typing import Any

from arangolab.sandbox.aql.context import BadArgument
from arangolab.sandbox.aql.functions.registry import table, usable
from arangolab.sandbox.documents import check_key
from arangolab.sandbox.values import sort_key, tidy, to_number, to_string, truthy, typename


def _to_array(value: Any) -> list[Any]:
    if type(value) is dict:
        return list(value.values())
    return value if type(value) is list else [] if value is None else [value]


table(
    "convert",
    {
        "IS_ARRAY|IS_LIST(v)": lambda value: type(value) is list,
        "IS_BOOL(v)": lambda value: type(value) is bool,
        "IS_KEY(v)": usable(check_key),
        "IS_NULL(v)": lambda value: value is None,
        "IS_NUMBER(v)": lambda value: type(value) in (int, float),
        "IS_OBJECT|IS_DOCUMENT(v)": lambda value: type(value) is dict,
        "IS_STRING(v)": lambda value: type(value) is str,
        "TO_ARRAY|TO_LIST(v)": _to_array,
        "TO_BOOL(v)": truthy,
        "TO_NUMBER(v)": lambda value: tidy(to_number(value)),
        "TO_STRING(v)": to_string,
        "TYPENAME(v)": typename,
    },
)


def _real(calculate: Callable[..., float | complex]) -> Callable[..., Any]:
    """A function of numbers; null where it is not defined."""

    def call(*numbers: float) -> Any:
        try:
            found = calculate(*numbers)
        except (ValueError, OverflowError, ZeroDivisionError):
            return None
        return None if isinstance(found, complex) else tidy(found)

    return call


def _range(low: float, high: float, step: Any = None) -> list[Any]:
    by = step if step is not None else (1 if low <= high else -1)
    if by == 0 or (high - low) / by > 10**7:
        raise BadArgument
    return [tidy(low + i * by) for i in range(max(math.floor((high - low) / by) + 1, 0))]


_OF_ONE = "ACOS ASIN ATAN CEIL COS DEGREES EXP FLOOR LOG LOG10 LOG2 RADIANS SIN SQRT TAN"
table("numeric", {f"{name}(n)": _real(getattr(math, name.lower())) for name in _OF_ONE.split()})
table(
    "numeric",
    {
        "ABS(n)": _real(abs),
        "ATAN2(n, n)": _real(math.atan2),
        "EXP2(n)": _real(lambda x: 2.0**x),
        "MINHASH_COUNT(n)": _real(lambda error: math.ceil(1 / (error * error))),
        "MINHASH_ERROR(n)": _real(lambda hashes: 1 / math.sqrt(hashes)),
        "PI()": lambda: math.pi,
        "POW(n, n)": _real(lambda base, exponent: float(base) ** exponent),
        "RAND()": random.random,
        "RANGE(n, n, n?)": _range,
        "ROUND(n)": _real(lambda x: math.floor(x + 0.5)),
    },
)


def _about(measure: Callable[[list[float]], float], least: int = 1) -> Callable[[list[Any]], Any]:
    """A function of an array's numbers; null of fewer than ``least``."""

    def call(values: list[Any]) -> Any:
        found = _numbers(values)
        return tidy(measure(found)) if len(found) >= least else None

    return call


def _numbers(values: list[Any]) -> list[float]:
    found = [value for value in values if value is not None]
    if any(type(value) not in (int, float) for value in found):
        raise BadArgument
    return found


def _extreme(choose: Callable[..., Any]) -> Callable[[list[Any]], Any]:
    return lambda a: choose((v for v in a if v is not None), key=sort_key, default=None)


def _percentile(values: list[Any], percent: float, method: Any = "rank") -> Any:
    """The value below which ``percent`` of the numbers lie, by rank or interpolation."""
    found = sorted(_numbers(values))
    if not 0 < percent <= 100 or method not in ("rank", "interpolation"):
        raise BadArgument
    if not found:
        return None
    if method == "rank":
        return tidy(found[math.ceil(percent / 100 * len(found)) - 1])
    place = min(max(percent / 100 * (len(found) + 1), 1), len(found))
    low, high = found[math.floor(place) - 1], found[math.ceil(place) - 1]
    return tidy(low + (place - math.floor(place)) * (high - low))


table(
    "numeric",
    {
        "AVERAGE|AVG(a)": _about(lambda numbers: sum(numbers) / len(numbers)),
        "MAX(a)": _extreme(max),
        "MEDIAN(a)": _about(statistics.median),
        "MIN(a)": _extreme(min),
        "PERCENTILE(a, n, v?)": _percentile,
        "PRODUCT(a)": _about(math.prod, 0),
        "STDDEV|STDDEV_POPULATION(a)": _about(statistics.pstdev),
        "STDDEV_SAMPLE(a)": _about(statistics.stdev, 2),
        "SUM(a)": _about(sum, 0),
        "VARIANCE|VARIANCE_POPULATION(a)": _about(statistics.pvariance),
        "VARIANCE_SAMPLE(a)": _about(statistics.variance, 2),
    },
)
