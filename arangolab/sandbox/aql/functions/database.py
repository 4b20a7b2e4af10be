"""Functions that look into the database, or talk back to the client."""

from __future__ import annotations

import time
from typing import Any

from arangolab.sandbox.aql.context import BadArgument, Context
from arangolab.sandbox.aql.functions.convert import array, to_string
from arangolab.sandbox.aql.functions.registry import FUNCTIONS, function, table
from arangolab.sandbox.faults import fault
from arangolab.sandbox.values import to_number, truthy

_MAX_SLEEP_S = 3600.0


@function("DOCUMENT", context=True, coll=True)
def document_(context: Context, collection: Any, key: Any = None) -> Any:
    """One document or several, by _id, or by collection and key; null if there is none."""
    if key is None:
        if type(collection) is list:
            found = [_by_id(context, item) for item in collection]
            return [document for document in found if document is not None]
        return _by_id(context, collection)
    name = to_string(collection)
    if type(key) is list:
        found = [_by_id(context, _full(name, item)) for item in key]
        return [document for document in found if document is not None]
    return _by_id(context, _full(name, key))


def _full(collection: str, key: Any) -> Any:
    return f"{collection}/{key}" if type(key) is str and "/" not in key else key


def _by_id(context: Context, document_id: Any) -> Any:
    if type(document_id) is dict:
        document_id = document_id.get("_id")
    if type(document_id) is not str or "/" not in document_id:
        return None
    collection, _, key = document_id.partition("/")
    if collection not in context.trx.database.collections:
        return None
    return context.trx.get(collection, key)


@function("COLLECTION_COUNT", context=True, coll=True)
def collection_count(context: Context, collection: Any) -> int:
    """How many documents a collection has."""
    return context.trx.count(to_string(collection))


@function("COLLECTIONS", context=True)
def collections(context: Context) -> list[dict[str, str]]:
    """Id and name of each collection."""
    found = list(context.trx.database.collections.values())
    return [{"_id": c.id, "name": c.name} for c in sorted(found, key=lambda c: c.name)]


@function("CURRENT_DATABASE", context=True)
def current_database(context: Context) -> str:
    """The database's name."""
    return context.trx.database.name


@function("VERSION", context=True)
def version(context: Context) -> str:
    """The version that the sandbox stands in for."""
    return context.trx.database.server.version


@function("SLEEP", context=True)
def sleep(context: Context, seconds: Any) -> None:
    """Wait, with the transaction open."""
    wait_s = to_number(seconds)
    if wait_s < 0 or wait_s > _MAX_SLEEP_S:
        raise BadArgument
    end = time.monotonic() + wait_s
    while (left_s := end - time.monotonic()) > 0:
        context.check_time()
        time.sleep(min(left_s, 0.1))


@function("FAIL")
def fail(reason: Any = "") -> None:
    """Abort the query."""
    raise fault(1569, to_string(reason))


@function("ASSERT")
def assert_(condition: Any, message: Any) -> bool:
    """Abort the query unless the condition holds."""
    if truthy(condition):
        return True
    raise fault(1593, to_string(message))


@function("WARN", context=True)
def warn(context: Context, condition: Any, message: Any) -> bool:
    """Warn unless the condition holds."""
    if truthy(condition):
        return True
    context.warn(1594, to_string(message))
    return False


@function("CALL", context=True)
def call(context: Context, name: Any, *arguments: Any) -> Any:
    """The value of a function that is named at run time; ArangoError 1540, 1541, 1578."""
    wanted = to_string(name).upper()
    if wanted in ("CALL", "APPLY"):
        raise fault(1578, wanted)
    if wanted not in FUNCTIONS:
        raise fault(1540, wanted)
    called = FUNCTIONS[wanted]
    if not called.least <= len(arguments) <= called.most:
        raise fault(1541, wanted)
    given = (context, *arguments) if called.wants_context else arguments
    return called.call(*given)


@function("APPLY", context=True)
def apply(context: Context, name: Any, arguments: Any = None) -> Any:
    """As CALL, with an array of arguments."""
    return call(context, name, *array([] if arguments is None else arguments))


table(
    {
        "CURRENT_USER": lambda: None,
        "NOOPT NOEVAL PASSTHRU": lambda value: value,
    }
)
