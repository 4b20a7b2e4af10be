"""Named graphs and their definitions: made, shown, changed, dropped."""

from __future__ import annotations

from typing import Any

from arangolab.sandbox.call import Call, Fields, check, read
from arangolab.sandbox.faults import fault
from arangolab.sandbox.store import DOCUMENT, EDGE, Collection, Database


def create(call: Call) -> Fields:
    """A new graph; collections it needs are made."""
    body, graphs = call.object(), call.database.graphs
    name = read(body, "name", str, error_num=1922)
    check(name, 1922)
    check(name not in graphs, 1925)
    definitions = [_definition(one) for one in read(body, "edgeDefinitions", list, [], 1923)]
    orphans = read(body, "orphanCollections", list, [], 1943)
    check(all(type(one) is str for one in orphans), 1943)
    graph = {"edgeDefinitions": [], "orphanCollections": orphans}
    _define(call.database, name, graph, definitions)
    graphs[name] = graph
    return _changed(call, name, graph)


def drop(call: Call, name: str) -> Fields:
    """Drop a graph; with ?dropCollections=true what no other graph uses, too."""
    graph, database = graph_of(call, name), call.database
    del database.graphs[name]
    if call.flag("dropCollections"):
        left = list(database.graphs.values())
        used = set[str]().union(*map(vertices_of, left), *map(edges_of, left))
        for one in (vertices_of(graph).union(edges_of(graph)) - used) & database.collections.keys():
            database.drop_collection(one)
    call.status = 202
    return {"removed": True}


def add_orphan(call: Call, name: str) -> Fields:
    """Add a collection of vertices that no definition names."""
    graph, orphan = graph_of(call, name), read(call.object(), "collection", str, error_num=1208)
    check(orphan not in graph["orphanCollections"], 1938)
    is_used = orphan in edges_of(graph) or orphan in vertices_of(graph)
    check(not is_used, 1929, f"{orphan} collection already used in edge def")
    check(_need(call.database, orphan, DOCUMENT).kind == DOCUMENT, 1927)
    graph["orphanCollections"] = [*graph["orphanCollections"], orphan]
    return _changed(call, name, graph)


def remove_orphan(call: Call, name: str, orphan: str) -> Fields:
    """Take a collection of vertices out of the graph."""
    graph = graph_of(call, name)
    check(orphan in graph["orphanCollections"], 1928)
    graph["orphanCollections"] = [one for one in graph["orphanCollections"] if one != orphan]
    if call.flag("dropCollection"):
        call.database.drop_collection(orphan)
    return _changed(call, name, graph)


def define(call: Call, name: str, old: str = "") -> Fields:
    """Add a definition of edges, or replace or remove the ``old`` one."""
    graph, removes = graph_of(call, name), call.method == "DELETE"
    definitions, added = edges_of(graph), [] if removes else [_definition(call.object())]
    check(not old or definitions.pop(old, None), 1930)
    for one in added:
        said = f"{one['collection']} multi use of edge collection in edge def"
        check(one["collection"] not in definitions, 1920, said)
    _define(call.database, name, graph, [*definitions.values(), *added])
    if removes and call.flag("dropCollections"):
        call.database.drop_collection(old)
    return _changed(call, name, graph)


def graph_of(call: Call, name: str) -> Fields:
    """The graph of that name; ArangoError 1924."""
    if name not in call.database.graphs:
        raise fault(1924, name)
    return call.database.graphs[name]


def edges_of(graph: Fields) -> dict[str, Fields]:
    """The definitions of a graph by collection of edges."""
    return {one["collection"]: one for one in graph["edgeDefinitions"]}


def vertices_of(graph: Fields) -> set[str]:
    """The collections of vertices of a graph."""
    named = [one["from"] + one["to"] for one in graph["edgeDefinitions"]]
    return set(graph["orphanCollections"]).union(*named)


def _definition(given: Any) -> Fields:
    """A definition of edges as it is kept; ArangoError 1923."""
    check(type(given) is dict, 1923)
    sides = {side: read(given, side, list, error_num=1923) for side in ("from", "to")}
    check(all(type(name) is str for names in sides.values() for name in names), 1923)
    name = read(given, "collection", str, error_num=1923)
    return {"collection": name} | {side: sorted(sides[side]) for side in sides}


def _define(database: Database, graph_name: str, graph: Fields, definitions: list[Fields]) -> None:
    """Give the graph these definitions; vertices that none names any more become orphans.

    ArangoError 1921 (another graph joins other vertices by these edges), 1944, 1208.
    """
    named = {name for one in definitions for name in (*one["from"], *one["to"])}
    orphans = vertices_of(graph) - named
    others = [edges_of(other) for name, other in database.graphs.items() if name != graph_name]
    for one in definitions:
        name = one["collection"]
        said = f"{name} edge collection already used in edge def"
        check(all(other.get(name, one) == one for other in others), 1921, said)
    for one in definitions:
        name = one["collection"]
        is_edge = _need(database, name, EDGE).kind == EDGE
        check(is_edge, 1944, f"Collection: '{name}' is not an EdgeCollection")
    for name in sorted(named | orphans):
        _need(database, name, DOCUMENT)
    graph["edgeDefinitions"], graph["orphanCollections"] = definitions, sorted(orphans)


def _need(database: Database, name: str, kind: int) -> Collection:
    """The collection, made if it is missing; ArangoError 1208."""
    return database.collections.get(name) or database.create_collection(name, kind)


def shown(name: str, graph: Fields) -> Fields:
    """A graph as the API shows it."""
    head = {"_key": name, "_id": f"_graphs/{name}", "_rev": graph.get("_rev", ""), "name": name}
    return {**head, **{part: graph[part] for part in ("edgeDefinitions", "orphanCollections")}}


def _changed(call: Call, name: str, graph: Fields) -> Fields:
    """The graph as it is now, with a new revision."""
    graph["_rev"] = call.headers["etag"] = call.store.revisions.next()
    call.status = 201 if call.flag("waitForSync") else 202
    return {"graph": shown(name, graph)}
