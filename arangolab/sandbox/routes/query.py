"""Queries over HTTP: checking, explaining, and what is set for all of them."""

from __future__ import annotations

from typing import Any

from arangolab.sandbox import aql
from arangolab.sandbox.call import Call, ok, plain
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply
from arangolab.sandbox.routes.cursor import query_of
from arangolab.sandbox.table import route

_TRACKING: dict[str, Any] = {
    "enabled": True,
    "trackSlowQueries": True,
    "trackBindVars": True,
    "maxSlowQueries": 64,
    "slowQueryThreshold": 10,
    "slowStreamingQueryThreshold": 10,
    "maxQueryStringLength": 4096,
}
_CACHE: dict[str, Any] = {
    "mode": "off",
    "maxResults": 128,
    "maxResultsSize": 268_435_456,
    "maxEntrySize": 16_777_216,
    "includeSystem": False,
}


@route("GET", "/_api/query/properties")
def tracking(_: Call) -> Reply:
    """How ArangoDB accounts for queries; the sandbox keeps no account of them."""
    return ok(**_TRACKING)


@route("GET", "/_api/query-cache/properties")
def cache(_: Call) -> Reply:
    """The cache of results, which is off."""
    return plain(_CACHE)


@route("PUT", "/_api/query/properties")
@route("PUT", "/_api/query-cache/properties")
def unchanged(call: Call) -> Reply:
    """Refused, but for what is so anyway: neither accounts nor a cache of results are offered."""
    known = _CACHE if "cache" in call.request.path else _TRACKING
    for name, value in call.object().items():
        if known.get(name) != value:
            raise ArangoError(9, f"changing '{name}' is not supported by the arangolab sandbox")
    return cache(call) if known is _CACHE else tracking(call)


@route("DELETE", "/_api/query/slow")
@route("DELETE", "/_api/query-cache")
def cleared(_: Call) -> Reply:
    """Nothing was kept, so nothing is left."""
    return ok()


@route("DELETE", "/_api/query/{}")
def kill(call: Call) -> Reply:
    """Refused: running queries have no numbers here."""
    raise ArangoError(1591, f"query ID '{call.words[0]}' not found")


@route("GET", "/_api/query-cache/entries")
@route("GET", "/_api/query/current")
@route("GET", "/_api/query/slow")
def none_listed(_: Call) -> Reply:
    """Queries are not kept account of here."""
    return plain([])


@route("POST", "/_api/query")
def check(call: Call) -> Reply:
    """Check a query without running it."""
    text, _, _ = query_of(call.object())
    return ok(**aql.parse_check(text))


@route("POST", "/_api/explain")
def explain(call: Call) -> Reply:
    """The plan of a query."""
    body = call.object()
    text, binds, options = query_of(body)
    explained = aql.explain(call.database, text, binds)
    if options.get("allPlans"):
        explained["plans"] = [explained.pop("plan")]
    return ok(**explained)
