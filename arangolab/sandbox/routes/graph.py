"""Named graphs: made, listed, dropped; edges of a vertex."""

from __future__ import annotations

from typing import Any

from arangolab.sandbox.call import Call, ok
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply
from arangolab.sandbox.store import DOCUMENT, EDGE, Database
from arangolab.sandbox.table import route
from arangolab.sandbox.view import Direction

_DIRECTIONS: dict[str, Direction] = {"any": "any", "in": "inbound", "out": "outbound"}


@route("GET", "/_api/gharial")
def listed(call: Call) -> Reply:
    """All named graphs."""
    return ok(graphs=[_shown(name, graph) for name, graph in call.database.graphs.items()])


@route("POST", "/_api/gharial")
def create(call: Call) -> Reply:
    """A new graph; collections it needs are made."""
    body, database = call.object(), call.database
    name = body.get("name")
    if type(name) is not str or not name:
        raise ArangoError(1901, "invalid graph name")
    if name in database.graphs:
        raise ArangoError(1921)
    definitions = [_definition(one) for one in _list(body, "edgeDefinitions")]
    orphans = [str(one) for one in _list(body, "orphanCollections")]
    for definition in definitions:
        _need(database, definition["collection"], EDGE)
        for vertex in (*definition["from"], *definition["to"]):
            _need(database, vertex, DOCUMENT)
    for orphan in orphans:
        _need(database, orphan, DOCUMENT)
    graph = {
        "edgeDefinitions": definitions,
        "orphanCollections": orphans,
        "_rev": call.store.revisions.next(),
    }
    database.graphs[name] = graph
    status = 201 if call.request.flag("waitForSync") else 202
    return ok(status, graph=_shown(name, graph))


def _list(body: dict[str, Any], name: str) -> list[Any]:
    value = body.get(name) or []
    if type(value) is not list:
        raise ArangoError(10, f"expecting array for '{name}'")
    return value


def _definition(given: Any) -> dict[str, Any]:
    if type(given) is not dict or type(given.get("collection")) is not str:
        raise ArangoError(1920)
    sides = {}
    for side in ("from", "to"):
        names = given.get(side)
        if type(names) is not list or not all(type(name) is str for name in names):
            raise ArangoError(1920)
        sides[side] = sorted(names)
    return {"collection": given["collection"], **sides}


def _need(database: Database, name: str, kind: int) -> None:
    if name not in database.collections:
        database.create_collection(name, kind)
    elif kind == EDGE and database.collections[name].kind != EDGE:
        raise ArangoError(1218)


def _graph(call: Call) -> dict[str, Any]:
    name = call.words[0]
    found = call.database.graphs.get(name)
    if found is None:
        raise ArangoError(1924, f"graph '{name}' not found")
    return found


@route("GET", "/_api/gharial/{}")
def get(call: Call) -> Reply:
    """One graph."""
    return ok(graph=_shown(call.words[0], _graph(call)))


@route("DELETE", "/_api/gharial/{}")
def drop(call: Call) -> Reply:
    """Drop a graph; with ?dropCollections=true what no other graph uses, too."""
    graph, database = _graph(call), call.database
    del database.graphs[call.words[0]]
    if call.request.flag("dropCollections"):
        used = {name for other in database.graphs.values() for name in _collections(other)}
        for name in _collections(graph) - used:
            if name in database.collections:
                database.drop_collection(name)
    return ok(202, removed=True)


def _collections(graph: dict[str, Any]) -> set[str]:
    names = set(graph["orphanCollections"])
    for definition in graph["edgeDefinitions"]:
        names |= {definition["collection"], *definition["from"], *definition["to"]}
    return names


def _shown(name: str, graph: dict[str, Any]) -> dict[str, Any]:
    return {
        "_key": name,
        "_id": f"_graphs/{name}",
        "_rev": graph.get("_rev", ""),
        "name": name,
        "edgeDefinitions": graph["edgeDefinitions"],
        "orphanCollections": graph["orphanCollections"],
    }


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
    stats = {"scannedIndex": len(found), "filtered": 0}
    return ok(edges=found, stats=stats)
