"""Documents that a TTL index says are over."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from math import inf
from typing import Any

from arangolab.sandbox.aql.functions.dates import moment
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.store import Database
from arangolab.sandbox.transaction import Transaction


def expire(database: Database, now_s: float) -> None:
    """Remove what TTL indexes say is over at ``now_s`` (Unix time), unless somebody writes it."""
    for collection in list(database.collections.values()):
        for index in [index for index in collection.indexes if index.kind == "ttl"]:
            found, due_s = list(collection.documents.values()), now_s - index.options["expireAfter"]
            over = [one for one in found if _unix_time_s(index.values(one)[0]) < due_s]
            if over:
                _remove(database, collection.name, over)


def _remove(database: Database, name: str, over: list[Document]) -> None:
    """Remove what is still the same, unless somebody has the collection alone."""
    quiet = contextlib.suppress(ArangoError)
    with quiet, Transaction(database, write=[name], lock_timeout_s=0.1) as trx:
        view = trx.view(name)
        for one in over:
            with quiet:
                view.remove(view.by_key(one["_key"], one["_rev"]))


def _unix_time_s(value: Any) -> float:
    """Of a number, or a text that AQL takes for a date; infinity for anything else."""
    if type(value) in (int, float):
        return float(value)
    for reading in (datetime.fromisoformat, moment):
        with contextlib.suppress(TypeError, AttributeError, ValueError, OverflowError):
            date: datetime = reading(value)
            return date.replace(tzinfo=date.tzinfo or UTC).timestamp()
    return inf
