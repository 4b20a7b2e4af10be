"""Whether a reply is what was recorded, apart from what no two servers have in common.

Types, names of fields, numbers of elements and all other values must be the same; so must the
form of an identifier (digits stay digits, a quoted revision stays one).
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

VARYING = frozenset(
    (
        *("checksum", "jwt", "lastValue", "path", "pid", "revision", "time", "uptime"),
        *("executionTime", "fetching", "memory", "peakMemoryUsage", "profile", "runtime"),
        *("cacheSize", "cacheUsage", "documentsSize", "size", "sizeInBytes"),
        *("estimatedCost", "selectivityEstimate"),
    )
)
"""Fields of the API that hold a time, a size or an estimate: only their type is compared."""
_DATA = re.compile(r"idx_\d+|(?<=/)\d{4,}$|h[0-9A-F]{6,}/\d+$|(?<!\w)_[\w-]{10}(?=\"?$)")
"""Identifiers inside of texts: index names, generated keys, global identifiers, revisions."""
_WORDS = re.compile(_DATA.pattern + r"|(?<![\w.:+-])\d{4,}(?![\w.:+-])")
"""The same in what the API itself says, where any long number is one."""
_HEADERS = ("content-length", "date", "x-arango-queue-time-seconds")
"""Headers of which only the name is compared."""
_TELLING = {"allow", "etag", "location", "www-authenticate", "x-arango-error-codes"}
"""Headers that must not be added."""


def kind(value: Any) -> str:
    """The JSON type of a value."""
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__


def header_differences(want: Mapping[str, str], got: Mapping[str, str]) -> Iterator[str]:
    """In words, which headers are missing in a reply, additional, or have another value."""
    yield from (f"header {name} additional" for name in sorted(_TELLING & got.keys() - want.keys()))
    for name, value in want.items():
        if name not in got:
            yield f"header {name} missing"
        elif name not in _HEADERS and not _alike(value, got[name], _WORDS):
            yield f"header {name}: {_short(value)} recorded, {_short(got[name])} here"


def differences(
    want: Any, got: Any, varying: Collection[str] = VARYING, path: str = "", varies: bool = False
) -> Iterator[str]:
    """In words, where the reply ``got`` is not what was recorded.

    ``varying``: of which fields the values do not count; ``varies``: whether none count.
    """
    place = path or "body"
    if kind(want) != kind(got):
        yield f"{place}: {_short(want)} recorded, {_short(got)} here"
    elif isinstance(want, dict):
        for name in [*want, *(got.keys() - want.keys())]:
            inside = f"{path}.{name}".lstrip(".")
            if name not in got or name not in want:
                yield f"{inside}: {'missing' if name not in got else 'additional'}"
            elif not _are_identifiers(name, want[name], got[name], bool(varying)):
                named = () if name == "result" and _are_rows(want[name]) else varying
                vary = varies or name in varying
                yield from differences(want[name], got[name], named, inside, vary)
    elif isinstance(want, list):
        yield from _in_lists(*_in_both(want, got), varying, path, varies)
    elif not varies and not _alike(want, got, _WORDS if varying else _DATA):
        yield f"{place}: {_short(want)} recorded, {_short(got)} here"


def _in_lists(want: list[Any], got: list[Any], *how: Any) -> Iterator[str]:
    varying, path, varies = how
    if len(want) != len(got):
        yield f"{path or 'body'}: {len(want)} elements recorded, {len(got)} here"
    for i, (wanted, given) in enumerate(zip(want, got, strict=False)):
        yield from differences(wanted, given, varying, f"{path}[{i}]", varies)


def _are_rows(value: Any) -> bool:
    """Whether it is the result of a query, and no list of all collections."""
    return isinstance(value, list) and not _is_inventory(value)


def _is_inventory(items: list[Any]) -> bool:
    return bool(items) and isinstance(items[0], dict) and "isSystem" in items[0]


def _in_both(want: list[Any], got: list[Any]) -> tuple[list[Any], list[Any]]:
    """The lists; of all collections, which depend on what else was done, those that both have."""
    are_both = _is_inventory(want) and _is_inventory(got)
    here = {item["name"]: item for item in got} if are_both else {}
    common = [item for item in want if here and item["name"] in here]
    return (common, [here[item["name"]] for item in common]) if common else (want, got)


def _are_identifiers(name: str, want: Any, got: Any, is_api: bool) -> bool:
    """Whether these are the identifiers, of two servers, of the same thing."""
    if name == "_key" and isinstance(want, str) and isinstance(got, str):
        return len(want) > 3 and want.isdigit() and got.isdigit()
    is_named = is_api and name in ("id", "objectId") and isinstance(want, str)
    return is_named and re.sub(r"\d+", "0", want) == re.sub(r"\d+", "0", str(got))


def _alike(want: Any, got: Any, marks: re.Pattern[str]) -> bool:
    if isinstance(want, str):
        return _pattern(want, marks).fullmatch(got) is not None
    if isinstance(want, float) or isinstance(got, float):
        return math.isclose(want, got, rel_tol=1e-12)
    return bool(want == got)


def _pattern(text: str, marks: re.Pattern[str]) -> re.Pattern[str]:
    """What a text may be: itself, with other identifiers of the same form."""
    parts = re.split(f"({marks.pattern})", text)
    forms = [re.escape(part) for part in parts]
    for i in range(1, len(parts), 2):
        known = {"_": r"_[\w-]{10}", "h": r"h[0-9A-F]+/\d+"}
        forms[i] = known.get(parts[i][0]) or re.sub(r"\d+", r"\\d+", parts[i])
    return re.compile("".join(forms), re.DOTALL)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
