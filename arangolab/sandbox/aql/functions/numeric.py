"""Numbers, and what can be said about many of them."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable
from typing import Any

from arangolab.sandbox.aql.context import BadArgument
from arangolab.sandbox.aql.functions.convert import array
from arangolab.sandbox.aql.functions.registry import function
from arangolab.sandbox.values import sort_key, tidy, to_number


def _put(name: str, calculate: Callable[[float], float]) -> None:
    def call(value: Any) -> Any:
        try:
            return tidy(calculate(to_number(value)))
        except (ValueError, OverflowError):
            return None

    call.__doc__ = f"{name} of a number; null where it is not defined."
    function(name, 1)(call)


for _name, _calculate in {
    "ABS": abs,
    "ACOS": math.acos,
    "ASIN": math.asin,
    "ATAN": math.atan,
    "CEIL": math.ceil,
    "COS": math.cos,
    "DEGREES": math.degrees,
    "EXP": math.exp,
    "EXP2": lambda x: 2.0**x,
    "FLOOR": math.floor,
    "LOG": math.log,
    "LOG10": math.log10,
    "LOG2": math.log2,
    "RADIANS": math.radians,
    "ROUND": lambda x: math.floor(x + 0.5),
    "SIN": math.sin,
    "SQRT": math.sqrt,
    "TAN": math.tan,
}.items():
    _put(_name, _calculate)  # type: ignore[arg-type]


@function("ATAN2", 2)
def atan2(y: Any, x: Any) -> Any:
    """The angle of a point."""
    return tidy(math.atan2(to_number(y), to_number(x)))


@function("POW", 2)
def power(base: Any, exponent: Any) -> Any:
    """Base to the power of exponent."""
    try:
        found = float(to_number(base)) ** to_number(exponent)
    except (OverflowError, ZeroDivisionError):
        return None
    return tidy(found) if type(found) is float else None


@function("PI", 0)
def pi() -> float:
    """The ratio of a circle's circumference to its diameter."""
    return math.pi


@function("RAND", 0)
def rand() -> float:
    """A random number from 0 up to 1."""
    return random.random()  # noqa: S311 - AQL's RAND() promises no secrecy


@function("RANGE", 2, 3)
def range_(start: Any, stop: Any, step: Any = None) -> list[Any]:
    """Numbers from start to stop (included) by step."""
    low, high = to_number(start), to_number(stop)
    by = to_number(step) if step is not None else (1 if low <= high else -1)
    if by == 0 or (high - low) / by > 10**7:
        raise BadArgument
    count = math.floor((high - low) / by) + 1
    return [tidy(low + i * by) for i in range(max(count, 0))]


def numbers(values: Any) -> list[float]:
    """The numbers of an array without nulls; BadArgument if another type is among them."""
    found = [value for value in array(values) if value is not None]
    if any(type(value) not in (int, float) for value in found):
        raise BadArgument
    return found


@function("MIN", 1)
def minimum(values: Any) -> Any:
    """The least value that is not null."""
    return min((v for v in array(values) if v is not None), key=sort_key, default=None)


@function("MAX", 1)
def maximum(values: Any) -> Any:
    """The greatest value that is not null."""
    return max((v for v in array(values) if v is not None), key=sort_key, default=None)


@function("SUM", 1)
def total(values: Any) -> Any:
    """The sum."""
    return tidy(sum(numbers(values)))


@function("PRODUCT", 1)
def product(values: Any) -> Any:
    """The product."""
    return tidy(math.prod(numbers(values)))


@function("AVERAGE AVG", 1)
def average(values: Any) -> Any:
    """The mean; null of nothing."""
    found = numbers(values)
    return tidy(sum(found) / len(found)) if found else None


@function("MEDIAN", 1)
def median(values: Any) -> Any:
    """The median; null of nothing."""
    found = numbers(values)
    return tidy(statistics.median(found)) if found else None


@function("PERCENTILE", 2, 3)
def percentile(values: Any, percent: Any, method: Any = "rank") -> Any:
    """The value below which ``percent`` of the numbers lie, by rank or interpolation."""
    found = sorted(numbers(values))
    share = to_number(percent)
    if not 0 < share <= 100 or method not in ("rank", "interpolation"):
        raise BadArgument
    if not found:
        return None
    if method == "rank":
        return tidy(found[math.ceil(share / 100 * len(found)) - 1])
    place = share / 100 * (len(found) + 1)
    low = min(max(math.floor(place), 1), len(found))
    high = min(low + 1, len(found))
    rest = min(max(place - low, 0), 1)
    return tidy(found[low - 1] + rest * (found[high - 1] - found[low - 1]))


def _spread(measure: Callable[[list[float]], float], least: int) -> Callable[[Any], Any]:
    def call(values: Any) -> Any:
        found = numbers(values)
        return tidy(measure(found)) if len(found) >= least else None

    return call


function("VARIANCE_POPULATION VARIANCE", 1)(_spread(statistics.pvariance, 1))
function("VARIANCE_SAMPLE", 1)(_spread(statistics.variance, 2))
function("STDDEV_POPULATION STDDEV", 1)(_spread(statistics.pstdev, 1))
function("STDDEV_SAMPLE", 1)(_spread(statistics.stdev, 2))
