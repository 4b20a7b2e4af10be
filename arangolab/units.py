"""The only place where numbers become text."""

from __future__ import annotations

import math


def seconds(value_s: float) -> str:
    """A duration for people: ``0.4 ms``, ``12.3 s``, ``4 min 05 s``, ``2 h 10 min``."""
    if not math.isfinite(value_s):
        return "no end set" if value_s > 0 else "unknown"
    if value_s < 0:
        return "-" + seconds(-value_s)
    if value_s < 1:
        return f"{value_s * 1e3:.3g} ms" if value_s else "0 s"
    if value_s < 59.95:
        return f"{value_s:.1f}".rstrip("0").rstrip(".") + " s"
    whole = round(value_s)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def size(value_bytes: float) -> str:
    """Bytes for people: ``512 B``, ``1.5 MB`` (powers of 1000)."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(value_bytes) < 1000:
            return f"{value_bytes:.3g} {unit}"
        value_bytes /= 1000
    return f"{value_bytes:.3g} TB"


def rate(per_s: float, what: str = "scenarios") -> str:
    """A rate for people: ``2.5 scenarios/s``."""
    return f"{number(per_s)} {what}/s"


def number(value: float) -> str:
    """At most four significant digits, without a trailing ``.0``: ``2``, ``2.5``, ``12,345``."""
    if not math.isfinite(value):
        return "unknown"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def percent(ratio: float) -> str:
    """A ratio (0..1) as ``12.5 %``."""
    return "unknown" if not math.isfinite(ratio) else f"{ratio * 100:.3g} %"
