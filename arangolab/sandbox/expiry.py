"""TTL indexes: documents whose time is over."""

from __future__ import annotations

from typing import Any

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.indexes import PersistentIndex, attribute
from arangolab.sandbox.store import Collection, Database
from arangolab.sandbox.transaction import Transaction


def expire(database: Database, now_s: float) -> int:
    """Remove what TTL indexes say is over at ``now_s`` (Unix time); how many documents.

    A document that somebody is writing stays until the next call.
    """
    removed = 0
    for collection in list(database.collections.values()):
        for index in collection.indexes:
            if index.kind == "ttl":
                for key in _expired(collection, index, now_s):
                    removed += _remove(database, collection.name, key)
    return removed


def _expired(collection: Collection, index: PersistentIndex, now_s: float) -> list[str]:
    path = index.fields[0].split(".")
    limit_s = now_s - float(index.options["expireAfter"])
    return [
        key
        for key, document in list(collection.documents.items())
        if _is_before(attribute(document, path), limit_s)
    ]


def _is_before(value: Any, limit_s: float) -> bool:
    from arangolab.sandbox.aql.context import BadArgument
    from arangolab.sandbox.aql.functions.dates import milliseconds, moment

    if type(value) in (int, float):
        return bool(value < limit_s)
    if type(value) is not str:
        return False
    try:
        return milliseconds(moment(value)) / 1000 < limit_s
    except BadArgument:
        return False


def _remove(database: Database, name: str, key: str) -> int:
    try:
        with Transaction(database, declared=False, lock_timeout_s=1.0) as trx:
            trx.remove(name, key)
    except ArangoError:
        return 0
    return 1
