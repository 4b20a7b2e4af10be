"""Vertices and edges of named graphs, and the edges of any vertex."""

from __future__ import annotations

from typing import Any

from arangolab.sandbox.aql.context import no_stats
from arangolab.sandbox.call import Call, ok
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.routes.graph import collections_of, graph_of
from arangolab.sandbox.store import EDGE
from arangolab.sandbox.table import route
from arangolab.sandbox.transaction import Change, Transaction
from arangolab.sandbox.view import Direction

_DIRECTIONS: dict[str, Direction] = {"any": "any", "in": "inbound", "out": "outbound"}


def _item(call: Call) -> str:
    """Whether it is a "vertex" or an "edge"; ArangoError 1924, 1203, 1947."""
    name = call.words[1]
    if name not in collections_of(graph_of(call)):
        call.database.collection(name)
        raise ArangoError(1947, "collection not in graph definition", 404)
    return "edge" if "/edge/" in call.request.path else "vertex"


@route("POST", "/_api/gharial/{}/vertex/{}")
@route("POST", "/_api/gharial/{}/edge/{}")
def insert(call: Call) -> Reply:
    """Insert a vertex or an edge."""
    item, name, document = _item(call), call.words[1], call.object()
    with call.transaction() as trx:
        if item == "edge":
            _check_ends(trx, document)
        change = trx.insert(name, document)
    return _done(call, item, change)


def _check_ends(trx: Transaction, edge: Document) -> None:
    """ArangoError 1233, 1202: both ends must exist."""
    for side in ("_from", "_to"):
        end = edge.get(side)
        if type(end) is not str or "/" not in end:
            raise ArangoError(1233)
        trx.by_key(*end.split("/", 1))


@route("GET", "/_api/gharial/{}/vertex/{}/{}")
@route("GET", "/_api/gharial/{}/edge/{}/{}")
def read(call: Call) -> Reply:
    """One vertex or edge."""
    item = _item(call)
    with call.transaction() as trx:
        found = trx.by_key(call.words[1], call.words[2])
    reply = ok(**{item: found})
    reply.headers["etag"] = found["_rev"]
    return reply


@route("PATCH", "/_api/gharial/{}/vertex/{}/{}")
@route("PATCH", "/_api/gharial/{}/edge/{}/{}")
def update(call: Call) -> Reply:
    """Change some attributes."""
    item, (_, name, key), patch = _item(call), call.words, call.object()
    keep_null = call.request.flag("keepNull", default=True)
    with call.transaction() as trx:
        change = trx.update(name, key, patch, rev=_revision(call), keep_null=keep_null)
    return _done(call, item, change)


@route("PUT", "/_api/gharial/{}/vertex/{}/{}")
@route("PUT", "/_api/gharial/{}/edge/{}/{}")
def replace(call: Call) -> Reply:
    """Put another one in its place."""
    item, (_, name, key), document = _item(call), call.words, call.object()
    with call.transaction() as trx:
        if item == "edge":
            _check_ends(trx, document)
        change = trx.replace(name, key, document, rev=_revision(call))
    return _done(call, item, change)


@route("DELETE", "/_api/gharial/{}/vertex/{}/{}")
def remove_vertex(call: Call) -> Reply:
    """Remove a vertex with its edges in all graphs."""
    _item(call)
    _, name, key = call.words
    graphs = call.database.graphs.values()
    edges = {one["collection"] for graph in graphs for one in graph["edgeDefinitions"]}
    with call.transaction() as trx:
        change = trx.remove(name, key, rev=_revision(call))
        for collection in sorted(edges):
            for edge in trx.edges(collection, f"{name}/{key}"):
                trx.remove(collection, edge["_key"])
    return _removed(call, change)


@route("DELETE", "/_api/gharial/{}/edge/{}/{}")
def remove_edge(call: Call) -> Reply:
    """Remove an edge."""
    _item(call)
    with call.transaction() as trx:
        change = trx.remove(call.words[1], call.words[2], rev=_revision(call))
    return _removed(call, change)


def _revision(call: Call) -> str | None:
    asked = call.request.headers.get("if-match") or call.request.query.get("rev")
    return asked.strip('"') if asked else None


def _removed(call: Call, change: Change) -> Reply:
    fields: dict[str, Any] = {"removed": True}
    if call.request.flag("returnOld"):
        fields["old"] = change.old
    return ok(200 if call.request.flag("waitForSync") else 202, **fields)


def _done(call: Call, item: str, change: Change) -> Reply:
    shown = change.shown()
    fields: dict[str, Any] = {item: shown}
    if call.request.flag("returnNew"):
        fields["new"] = change.new
    if call.request.flag("returnOld") and change.old is not None:
        fields["old"] = change.old
    waited = 200 if change.old is not None else 201
    reply = ok(waited if call.request.flag("waitForSync") else 202, **fields)
    reply.headers["etag"] = shown["_rev"]
    return reply


@route("GET", "/_api/edges/{}")
def edges(call: Call) -> Reply:
    """The edges of a vertex."""
    name, query = call.words[0], call.request.query
    if call.database.collection(name).kind != EDGE:
        raise ArangoError(1218)
    vertex = query.get("vertex")
    if not vertex:
        raise ArangoError(1205)
    direction = _DIRECTIONS.get(query.get("direction", "any"))
    if direction is None:
        raise ArangoError(10, "<direction> must by 'any', 'in', or 'out'")
    with call.transaction() as trx:
        found = trx.edges(name, vertex, direction)
    sides = 2 if direction == "any" else 1
    looked_up = {"documentLookups": len(found), "scannedIndex": len(found)}
    cursors = {"cursorsCreated": sides, "cacheMisses": sides}
    return ok(edges=found, stats={**no_stats(), **looked_up, **cursors})
