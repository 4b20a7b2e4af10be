"""Slopes, windows, percentiles and rates of plain numpy arrays; no clock, no files."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

MOST_POINTS: Final = 400
"""A slope looks at this many points at most (evenly picked): 80,000 pairs."""


@dataclass(frozen=True, slots=True)
class Slope:
    """A robust slope with its interval, in units of y per unit of x."""

    value: float
    """Median of the slopes of all pairs of points (Theil-Sen); nan without two points."""
    low: float
    """Lower end of the interval (Sen 1968, normal approximation, 95 % unless told)."""
    high: float
    """Upper end of it."""


def theil_sen_slope(x: npt.ArrayLike, y: npt.ArrayLike, z: float = 1.96) -> Slope:
    """Median slope of ``y`` over ``x`` (equal lengths), with an interval of ``z`` sigmas.

    Pairs with a value that is not finite are left out.
    """
    xs, ys = _finite(x, y)
    if len(xs) > MOST_POINTS:
        pick = np.linspace(0, len(xs) - 1, MOST_POINTS).round().astype(int)
        xs, ys = xs[pick], ys[pick]
    first, second = np.triu_indices(len(xs), k=1)
    dx = xs[second] - xs[first]
    apart = dx != 0
    slopes = np.sort((ys[second] - ys[first])[apart] / dx[apart])
    if not len(slopes):
        return Slope(math.nan, math.nan, math.nan)
    n = len(xs)
    half = z * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    low = max(0, math.floor((len(slopes) - half) / 2))
    high = min(len(slopes) - 1, math.ceil((len(slopes) + half) / 2))
    return Slope(float(np.median(slopes)), float(slopes[low]), float(slopes[high]))


def percentile(values: npt.ArrayLike, percent: float) -> float:
    """The value that ``percent`` % of the finite values do not exceed; nan if there is none."""
    a = np.asarray(values, dtype=float)
    a = a[np.isfinite(a)]
    return float(np.percentile(a, percent, method="higher")) if len(a) else math.nan


def mean(values: npt.ArrayLike) -> float:
    """Mean of the finite values; nan if there is none."""
    a = np.asarray(values, dtype=float)
    a = a[np.isfinite(a)]
    return float(a.mean()) if len(a) else math.nan


def rates(times_s: npt.ArrayLike, totals: npt.ArrayLike) -> Array:
    """Growth per second of a running total; nan first and where it went backwards (a restart)."""
    t = np.asarray(times_s, dtype=float)
    v = np.asarray(totals, dtype=float)
    out = np.full(len(t), np.nan)
    if len(t) > 1:
        dt, dv = np.diff(t), np.diff(v)
        good = (dt > 0) & (dv >= 0)
        out[1:][good] = dv[good] / dt[good]
    return out


def windows(from_s: float, to_s: float, count: int) -> tuple[tuple[float, float], ...]:
    """``count`` equal windows (from, to) that tile the span."""
    edges = np.linspace(from_s, to_s, max(1, count) + 1)
    return tuple((float(a), float(b)) for a, b in pairwise(edges))


def first_lasting(times_s: npt.ArrayLike, holds: npt.ArrayLike, samples: int = 2) -> float:
    """The time from which ``holds`` is true for ``samples`` samples in a row; nan if never.

    A series shorter than ``samples`` has to hold throughout.
    """
    t = np.asarray(times_s, dtype=float)
    flags = np.asarray(holds, dtype=bool)
    need = min(samples, len(flags))
    run = 0
    for index, flag in enumerate(flags):
        run = run + 1 if flag else 0
        if need and run >= need:
            return float(t[index - need + 1])
    return math.nan


def thin(x: npt.ArrayLike, y: npt.ArrayLike, most: int = 1000) -> tuple[Array, Array]:
    """At most ``most`` points of a curve, lowest and highest of each stretch kept, gaps too.

    ``x`` ascending.  A stretch that holds a nan (a gap) keeps one.
    """
    xs, ys = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if len(xs) <= most:
        return xs, ys
    stretches = max(1, (most - 2) // 3)
    size = -(-len(xs) // stretches)
    index = np.arange(stretches * size).reshape(stretches, size)
    real = index < len(ys)
    block = np.where(real, ys[np.minimum(index, len(ys) - 1)], np.nan)
    finite = np.isfinite(block)
    gap = real & ~finite
    rows = np.arange(stretches)
    lowest = np.where(finite, block, np.inf).argmin(axis=1)
    highest = np.where(finite, block, -np.inf).argmax(axis=1)
    some, holed = finite.any(axis=1), gap.any(axis=1)
    picks = [
        index[rows[some], lowest[some]],
        index[rows[some], highest[some]],
        index[rows[holed], gap.argmax(axis=1)[holed]],
        np.array([0, len(xs) - 1]),
    ]
    pick = np.unique(np.concatenate(picks))
    return xs[pick], ys[pick]


def _finite(x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Array, Array]:
    xs, ys = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    good = np.isfinite(xs) & np.isfinite(ys)
    return xs[good], ys[good]
