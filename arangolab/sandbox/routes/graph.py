"""Named graphs and their definitions: made, shown, changed, dropped."""

from __future__ import annotations

from typing import Any

from arangolab.sandbox.call import Call, read
from arangolab.sandbox.faults import ArangoError, fault
from arangolab.sandbox.store import DOCUMENT, EDGE, Collection, Database

Graph = dict[str, Any]


def create(call: Call) -> Graph:
    """A new graph; collections it needs are made."""
    body, graphs = call.object(), call.database.graphs
    name = read(body, "name", str, error_num=1922)
    if not name:
        raise ArangoError(1922)
    if name in graphs:
        raise ArangoError(1925)
    definitions = [_definition(one) for one in read(body, "edgeDefinitions", list, [], 1923)]
    orphans = read(body, "orphanCollections", list, [], 1943)
    if not all(type(one) is str for one in orphans):
        raise ArangoError(1943)
    graph = {"edgeDefinitions": [], "orphanCollections": orphans}
    _define(call.database, name, graph, definitions)
    graphs[name] = graph
    return _changed(call, name, graph)


def get(call: Call, name: str) -> Graph:
    """One graph."""
    return {"graph": shown(name, graph_of(call, name))}


def drop(call: Call, name: str) -> Graph:
    """Drop a graph; with ?dropCollections=true what no other graph uses, too."""
    graph, database = graph_of(call, name), call.database
    del database.graphs[name]
    if call.flag("dropCollections"):
        used = {one for other in database.graphs.values() for one in collections_of(other)}
        for one in (collections_of(graph) - used) & database.collections.keys():
            database.drop_collection(one)
    call.status = 202
    return {"removed": True}


def vertex_collections(call: Call, name: str) -> Graph:
    """The collections of vertices."""
    graph = graph_of(call, name)
    return {"collections": sorted(collections_of(graph) - _definitions(graph).keys())}


def edge_collections(call: Call, name: str) -> Graph:
    """The collections of edges."""
    return {"collections": sorted(_definitions(graph_of(call, name)))}


def add_orphan(call: Call, name: str) -> Graph:
    """Add a collection of vertices that no definition names."""
    graph = graph_of(call, name)
    orphan = read(call.object(), "collection", str, error_num=1208)
    if orphan in graph["orphanCollections"]:
        raise ArangoError(1938)
    if orphan in collections_of(graph):
        raise ArangoError(1929, f"{orphan} collection already used in edge def")
    if _need(call.database, orphan, DOCUMENT).kind != DOCUMENT:
        raise ArangoError(1927)
    graph["orphanCollections"] = [*graph["orphanCollections"], orphan]
    return _changed(call, name, graph)


def remove_orphan(call: Call, name: str, orphan: str) -> Graph:
    """Take a collection of vertices out of the graph."""
    graph = graph_of(call, name)
    if orphan not in graph["orphanCollections"]:
        raise ArangoError(1928)
    graph["orphanCollections"] = [one for one in graph["orphanCollections"] if one != orphan]
    if call.flag("dropCollection"):
        call.database.drop_collection(orphan)
    return _changed(call, name, graph)


def define(call: Call, name: str, old: str = "") -> Graph:
    """Add a definition of edges, or replace or remove the ``old`` one."""
    graph, removes = graph_of(call, name), call.request.method == "DELETE"
    definitions, added = _definitions(graph), [] if removes else [_definition(call.object())]
    if old and definitions.pop(old, None) is None:
        raise ArangoError(1930)
    for one in added:
        if one["collection"] in definitions:
            said = f"{one['collection']} multi use of edge collection in edge def"
            raise ArangoError(1920, said)
    _define(call.database, name, graph, [*definitions.values(), *added])
    if removes and call.flag("dropCollections"):
        call.database.drop_collection(old)
    return _changed(call, name, graph)


def graph_of(call: Call, name: str) -> Graph:
    """The graph of that name; ArangoError 1924."""
    found = call.database.graphs.get(name)
    if found is None:
        raise fault(1924, name)
    return found


def collections_of(graph: Graph) -> set[str]:
    """All collections of a graph."""
    names = set(graph["orphanCollections"])
    for definition in graph["edgeDefinitions"]:
        names |= {definition["collection"], *definition["from"], *definition["to"]}
    return names


def shown(name: str, graph: Graph) -> Graph:
    """A graph as the API shows it."""
    head = {"_key": name, "_id": f"_graphs/{name}", "_rev": graph.get("_rev", ""), "name": name}
    return {**head, **{part: graph[part] for part in ("edgeDefinitions", "orphanCollections")}}


def _definitions(graph: Graph) -> dict[str, Graph]:
    return {one["collection"]: one for one in graph["edgeDefinitions"]}


def _definition(given: Any) -> Graph:
    """A definition of edges as it is kept; ArangoError 1923."""
    if type(given) is not dict or type(given.get("collection")) is not str:
        raise ArangoError(1923)
    sides = {side: read(given, side, list, error_num=1923) for side in ("from", "to")}
    if not all(type(name) is str for names in sides.values() for name in names):
        raise ArangoError(1923)
    return {"collection": given["collection"]} | {side: sorted(sides[side]) for side in sides}


def _define(database: Database, graph_name: str, graph: Graph, definitions: list[Graph]) -> None:
    """Give the graph these definitions; vertices that none names any more become orphans.

    ArangoError 1921 (another graph joins other vertices by these edges), 1944, 1208.
    """
    named = {name for one in definitions for name in (*one["from"], *one["to"])}
    orphans = collections_of(graph) - _definitions(graph).keys() - named
    for name, other in database.graphs.items():
        for one in definitions:
            if name != graph_name and _definitions(other).get(one["collection"], one) != one:
                said = f"{one['collection']} edge collection already used in edge def"
                raise ArangoError(1921, said)
    for one in definitions:
        if _need(database, one["collection"], EDGE).kind != EDGE:
            raise fault(1944, one["collection"])
    for name in sorted(named | orphans):
        _need(database, name, DOCUMENT)
    graph["edgeDefinitions"], graph["orphanCollections"] = definitions, sorted(orphans)


def _need(database: Database, name: str, kind: int) -> Collection:
    """The collection, made if it is missing; ArangoError 1208."""
    return database.collections.get(name) or database.create_collection(name, kind)


def _changed(call: Call, name: str, graph: Graph) -> Graph:
    """The graph as it is now, with a new revision."""
    graph["_rev"] = call.headers["etag"] = call.store.revisions.next()
    call.status = 201 if call.flag("waitForSync") else 202
    return {"graph": shown(name, graph)}
