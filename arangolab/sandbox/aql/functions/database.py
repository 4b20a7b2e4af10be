"""Functions that look into the database, or talk back to the client."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from arangolab.sandbox.aql.context import BadArgument, Context
from arangolab.sandbox.aql.functions.registry import table
from arangolab.sandbox.faults import fault
from arangolab.sandbox.values import to_string

_MAX_SLEEP_S = 3600.0


def _document(context: Context, collection: Any, key: Any = None) -> Any:
    """One document or several, by _id, or by collection and key; null if there is none."""
    wanted = collection if key is None else key

    def by_id(item: Any) -> Any:
        found = item.get("_id") if type(item) is dict else item
        if key is not None and type(found) is str and "/" not in found:
            found = f"{to_string(collection)}/{found}"
        name, _, bare = found.partition("/") if type(found) is str else ("", "", "")
        if name not in context.trx.database.collections or (key and name != to_string(collection)):
            return None
        return context.trx.get(name, bare)

    if type(wanted) is not list:
        return by_id(wanted)
    return [found for found in map(by_id, wanted) if found is not None]


def _collections(context: Context) -> list[dict[str, str]]:
    found = list(context.trx.database.collections.values())
    return [{"_id": c.id, "name": c.name} for c in sorted(found, key=lambda c: c.name)]


def _sleep(context: Context, wait_s: float) -> None:
    if not 0 <= wait_s <= _MAX_SLEEP_S:
        raise BadArgument
    end = time.monotonic() + wait_s
    while (left_s := end - time.monotonic()) > 0:
        context.check_time()
        time.sleep(min(left_s, 0.1))


def _stop(error_num: int) -> Callable[..., bool]:
    """A function that aborts the query unless something holds."""

    def stop(holds: bool, message: str) -> bool:
        if holds:
            return True
        raise fault(error_num, message)

    return stop


def _warn(context: Context, holds: bool, message: str) -> bool:
    if not holds:
        context.warn(1594, message)
    return holds


table(
    "database",
    {
        "ASSERT(b, s)": _stop(1593),
        "COLLECTIONS(@)": _collections,
        "COLLECTION_COUNT(@, c)": lambda context, name: context.trx.count(to_string(name)),
        "CURRENT_DATABASE(@)": lambda context: context.trx.database.name,
        "CURRENT_USER()": lambda: None,
        "DOCUMENT(@, c, v?)": _document,
        "FAIL(s?)": lambda reason="": _stop(1569)(False, reason),
        "NOOPT|NOEVAL|PASSTHRU(v)": lambda value: value,
        "SLEEP(@, n)": _sleep,
        "VERSION(@)": lambda context: context.trx.database.server.version,
        "WARN(@, b, s)": _warn,
    },
)
