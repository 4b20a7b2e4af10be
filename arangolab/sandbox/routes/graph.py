"""Named graphs and their definitions: made, listed, changed, dropped."""

from __future__ import annotations

from typing import Any

from arangolab.sandbox.call import Call, ok
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply
from arangolab.sandbox.store import DOCUMENT, EDGE, Database
from arangolab.sandbox.table import route


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
    return _changed(call, name, status)


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


def graph_of(call: Call) -> dict[str, Any]:
    """The graph of the path; ArangoError 1924."""
    name = call.words[0]
    found = call.database.graphs.get(name)
    if found is None:
        raise ArangoError(1924, f"graph '{name}' not found")
    return found


@route("GET", "/_api/gharial/{}")
def get(call: Call) -> Reply:
    """One graph."""
    return ok(graph=_shown(call.words[0], graph_of(call)))


@route("DELETE", "/_api/gharial/{}")
def drop(call: Call) -> Reply:
    """Drop a graph; with ?dropCollections=true what no other graph uses, too."""
    graph, database = graph_of(call), call.database
    del database.graphs[call.words[0]]
    if call.request.flag("dropCollections"):
        used = {name for other in database.graphs.values() for name in collections_of(other)}
        for name in collections_of(graph) - used:
            if name in database.collections:
                database.drop_collection(name)
    return ok(202, removed=True)


def collections_of(graph: dict[str, Any]) -> set[str]:
    """All collections of a graph."""
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


# ---- collections of vertices


@route("GET", "/_api/gharial/{}/vertex")
def vertex_collections(call: Call) -> Reply:
    """The collections of vertices."""
    graph = graph_of(call)
    edges = {definition["collection"] for definition in graph["edgeDefinitions"]}
    return ok(collections=sorted(collections_of(graph) - edges))


@route("POST", "/_api/gharial/{}/vertex")
def add_orphan(call: Call) -> Reply:
    """Add a collection of vertices that no definition names."""
    graph, name = graph_of(call), call.object().get("collection")
    if type(name) is not str or not name:
        raise ArangoError(1208)
    if name in collections_of(graph):
        raise ArangoError(1938, "collection used in edge def", 400)
    _need(call.database, name, DOCUMENT)
    graph["orphanCollections"] = [*graph["orphanCollections"], name]
    return _changed(call, call.words[0])


@route("DELETE", "/_api/gharial/{}/vertex/{}")
def remove_orphan(call: Call) -> Reply:
    """Take a collection of vertices out of the graph."""
    graph, name = graph_of(call), call.words[1]
    call.database.collection(name)
    if name not in graph["orphanCollections"]:
        raise ArangoError(1928)
    graph["orphanCollections"] = [one for one in graph["orphanCollections"] if one != name]
    if call.request.flag("dropCollection"):
        call.database.drop_collection(name)
    return _changed(call, call.words[0])


# ---- definitions of edges


@route("GET", "/_api/gharial/{}/edge")
def edge_collections(call: Call) -> Reply:
    """The collections of edges."""
    definitions = graph_of(call)["edgeDefinitions"]
    return ok(collections=sorted(definition["collection"] for definition in definitions))


@route("POST", "/_api/gharial/{}/edge")
def add_definition(call: Call) -> Reply:
    """Add a collection of edges with the vertices it joins."""
    graph, definition = graph_of(call), _definition(call.object())
    if definition["collection"] in {one["collection"] for one in graph["edgeDefinitions"]}:
        message = f"multi use of edge collection in edge def: {definition['collection']}"
        raise ArangoError(1920, message)
    _take_in(call.database, graph, [*graph["edgeDefinitions"], definition])
    return _changed(call, call.words[0])


@route("PUT", "/_api/gharial/{}/edge/{}")
def replace_definition(call: Call) -> Reply:
    """Change which vertices a collection of edges joins."""
    graph, definition = graph_of(call), _definition(call.object())
    _known(graph, call.words[1])
    others = [one for one in graph["edgeDefinitions"] if one["collection"] != call.words[1]]
    _take_in(call.database, graph, [*others, definition])
    return _changed(call, call.words[0])


@route("DELETE", "/_api/gharial/{}/edge/{}")
def remove_definition(call: Call) -> Reply:
    """Take a collection of edges out of the graph; its vertices stay as orphans."""
    graph, name = graph_of(call), call.words[1]
    _known(graph, name)
    others = [one for one in graph["edgeDefinitions"] if one["collection"] != name]
    _take_in(call.database, graph, others)
    if call.request.flag("dropCollections"):
        call.database.drop_collection(name)
    return _changed(call, call.words[0])


def _known(graph: dict[str, Any], name: str) -> None:
    if name not in {definition["collection"] for definition in graph["edgeDefinitions"]}:
        raise ArangoError(1930, "edge collection not used in graph", 404)


def _take_in(database: Database, graph: dict[str, Any], definitions: list[dict[str, Any]]) -> None:
    """Give the graph these definitions; vertices that none names any more become orphans."""
    for definition in definitions:
        _need(database, definition["collection"], EDGE)
        for vertex in (*definition["from"], *definition["to"]):
            _need(database, vertex, DOCUMENT)
    edges = {definition["collection"] for definition in graph["edgeDefinitions"]}
    vertices = collections_of(graph) - edges
    named = {name for one in definitions for name in (*one["from"], *one["to"])}
    graph["edgeDefinitions"] = definitions
    graph["orphanCollections"] = sorted(vertices - named)


def _changed(call: Call, name: str, status: int = 0) -> Reply:
    """The graph as it is now, with a new revision."""
    graph = call.database.graphs[name]
    graph["_rev"] = call.store.revisions.next()
    waits = call.request.flag("waitForSync")
    reply = ok(status or (201 if waits else 202), graph=_shown(name, graph))
    reply.headers["etag"] = graph["_rev"]
    return reply
