"""Whether a reply is what was recorded, apart from what no two servers have in common."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

_VARYING = {
    *("_rev", "_oldRev", "revision", "checksum", "id", "objectId", "globallyUniqueId"),
    *("lastValue", "executionTime", "peakMemoryUsage", "runtime", "fetching", "memory"),
    *("documentsSize", "sizeInBytes", "size", "cacheSize", "cacheUsage", "cacheInUse"),
    *("selectivityEstimate", "estimatedCost", "jwt", "path", "pid"),
}
"""Fields that hold an identifier, a time, a size or an estimate: only their type is compared."""
_LIKEWISE = ("profile",)
"""Objects of such fields."""
_MARKS = re.compile(r"\bidx_\d+|\b\d{4,}\b|_[A-Za-z0-9_-]{10}(?=$|\")")
"""Identifiers inside of texts: index names, generated keys, revisions."""


def kind(value: Any) -> str:
    """The JSON type of a value."""
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__


def differences(want: Any, got: Any, path: str = "", varies: bool = False) -> Iterator[str]:
    """In words, where the reply ``got`` is not what was recorded."""
    place = path or "body"
    if kind(want) != kind(got):
        yield f"{place}: {_short(want)} recorded, {_short(got)} here"
    elif isinstance(want, dict):
        for name in [*want, *(got.keys() - want.keys())]:
            inside = f"{path}.{name}".lstrip(".")
            if name not in got or name not in want:
                yield f"{inside}: {'missing' if name not in got else 'additional'}"
            else:
                vary = varies or name in _VARYING or name in _LIKEWISE
                yield from differences(want[name], got[name], inside, vary)
    elif isinstance(want, list) and _is_inventory(want):
        yield from differences(want[0], got[0], f"{path}[]", varies=True)
    elif isinstance(want, list):
        if len(want) != len(got):
            yield f"{place}: {len(want)} elements recorded, {len(got)} here"
        for i, (wanted, given) in enumerate(zip(want, got, strict=False)):
            yield from differences(wanted, given, f"{path}[{i}]", varies)
    elif not varies and not _same(want, got):
        yield f"{place}: {_short(want)} recorded, {_short(got)} here"


def _is_inventory(items: list[Any]) -> bool:
    """Whether a list is of all collections, which depends on what else was done on the server."""
    return bool(items) and isinstance(items[0], dict) and "isSystem" in items[0]


def _same(want: Any, got: Any) -> bool:
    if isinstance(want, str):
        return _pattern(want).fullmatch(got) is not None
    if isinstance(want, float) or isinstance(got, float):
        return math.isclose(want, got, rel_tol=1e-12)
    return bool(want == got)


def _pattern(text: str) -> re.Pattern[str]:
    """What a text may be: itself, with other identifiers of the same form."""
    parts = re.split(f"({_MARKS.pattern})", text)
    forms = [re.escape(part) for part in parts]
    for i in range(1, len(parts), 2):
        forms[i] = re.sub(r"\d+", r"\\d+", parts[i]) if parts[i][-1].isdigit() else r"_[\w-]+"
    return re.compile("".join(forms))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
