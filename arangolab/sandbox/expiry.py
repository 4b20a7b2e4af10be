"""TTL indexes: documents whose time is over."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.indexes import attribute
from arangolab.sandbox.store import Database
from arangolab.sandbox.transaction import Transaction


def expire(database: Database, now_s: float) -> int:
    """Remove what TTL indexes say is over at ``now_s`` (Unix time); how many documents.

    A document that somebody is writing stays until the next call.
    """
    removed = 0
    for collection in list(database.collections.values()):
        for index in [index for index in collection.indexes if index.kind == "ttl"]:
            path, limit_s = index.fields[0].split("."), now_s - float(index.options["expireAfter"])
            for key, document in list(collection.documents.items()):
                if _seconds(attribute(document, path)) < limit_s:
                    with contextlib.suppress(ArangoError):
                        with Transaction(database, declared=False, lock_timeout_s=1.0) as trx:
                            trx.remove(collection.name, key)
                        removed += 1
    return removed


def _seconds(value: Any) -> float:
    """Unix time of a number or a date in ISO 8601; infinity for anything else."""
    if type(value) in (int, float):
        return float(value)
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return float("inf")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
