"""Named graphs and their definitions: made, shown, changed, dropped."""

from __future__ import annotations

from typing import Any

from arangolab.sandbox.call import Call, Fields, read, route
from arangolab.sandbox.faults import check, fault
from arangolab.sandbox.store import DOCUMENT, EDGE, Database


@route("GET POST /_api/gharial")
def _graphs(call: Call) -> Fields:
    """All graphs; a new one, with the collections it needs."""
    graphs = call.database.graphs
    if call.method == "GET":
        return {"graphs": [_shown(*one) for one in graphs.items()]}
    body = call.object()
    name = read(body, "name", str, error_num=1922)
    check(name, 1922)
    check(name not in graphs, 1925)
    definitions = [_definition(one) for one in read(body, "edgeDefinitions", list, [], 1923)]
    graph = {"edgeDefinitions": [], "orphanCollections": _names(body, "orphanCollections", 1943)}
    _define(call.database, name, graph, definitions)
    graphs[name] = graph
    return _changed(call, name)


@route("GET DELETE /_api/gharial/{}")
def _graph(call: Call, name: str) -> Fields:
    """One graph; dropped with ?dropCollections=true with it goes what no other graph uses."""
    graph, database = graph_of(call, name), call.database
    if call.method == "GET":
        return {"graph": _shown(name, graph)}
    del database.graphs[name]
    if call.flag("dropCollections"):
        left = list(database.graphs.values())
        used = set[str]().union(*map(vertices_of, left), *map(edges_of, left))
        for one in (vertices_of(graph).union(edges_of(graph)) - used) & database.collections.keys():
            database.drop_collection(one)
    call.status = 202
    return {"removed": True}


@route("GET POST /_api/gharial/{}/vertex")
@route("DELETE /_api/gharial/{}/vertex/{}")
def _orphans(call: Call, name: str, old: str = "") -> Fields:
    """The collections of vertices; add one that no definition names, or remove the ``old`` one."""
    graph = graph_of(call, name)
    orphans = graph["orphanCollections"]
    if call.method == "GET":
        return {"collections": sorted(vertices_of(graph))}
    if call.method == "DELETE":
        check(old in orphans, 1928)
        graph["orphanCollections"] = [one for one in orphans if one != old]
        if call.flag("dropCollection"):
            call.database.drop_collection(old)
        return _changed(call, name)
    new = read(call.object(), "collection", str, error_num=1208)
    check(new not in {*edges_of(graph), *vertices_of(graph)}, 1929)
    _need(call.database, new, DOCUMENT, 1927)
    graph["orphanCollections"] = [*orphans, new]
    return _changed(call, name)


@route("GET POST /_api/gharial/{}/edge")
@route("PUT DELETE /_api/gharial/{}/edge/{}")
def _define_edges(call: Call, name: str, old: str = "") -> Fields:
    """The collections of edges; add a definition, or replace or remove the ``old`` one."""
    graph = graph_of(call, name)
    definitions = edges_of(graph)
    if call.method == "GET":
        return {"collections": sorted(definitions)}
    check(not old or definitions.pop(old, None), 1930)
    added = [] if call.method == "DELETE" else [_definition(call.object())]
    check(all(one["collection"] not in definitions for one in added), 1920)
    _define(call.database, name, graph, [*definitions.values(), *added])
    if not added and call.flag("dropCollections"):
        call.database.drop_collection(old)
    return _changed(call, name)


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
    name = read(given, "collection", str, error_num=1923)
    check("from" in given and "to" in given, 1923)
    return {"collection": name} | {end: sorted(_names(given, end, 1923)) for end in ("from", "to")}


def _names(given: Fields, part: str, error_num: int) -> list[str]:
    names: list[str] = read(given, part, list, [], error_num)
    check(all(type(name) is str for name in names), error_num)
    return names


def _define(database: Database, graph_name: str, graph: Fields, definitions: list[Fields]) -> None:
    """Give the graph these definitions; vertices that none names any more become orphans.

    ArangoError 1921 (another graph joins other vertices by these edges), 1944, 1208.
    """
    named = {name for one in definitions for name in (*one["from"], *one["to"])}
    orphans = vertices_of(graph) - named
    others = [edges_of(other) for name, other in database.graphs.items() if name != graph_name]
    for one in definitions:
        check(all(other.get(one["collection"], one) == one for other in others), 1921)
    for one in definitions:
        _need(database, one["collection"], EDGE, 1944)
    for name in sorted(named | orphans):
        _need(database, name, DOCUMENT)
    graph["edgeDefinitions"], graph["orphanCollections"] = definitions, sorted(orphans)


def _need(database: Database, name: str, kind: int, error_num: int = 0) -> None:
    """Make the collection if it is missing; ``error_num`` if it is of another kind; 1208."""
    found = database.collections.get(name) or database.create_collection(name, kind)
    said = f"collection '{name}' is of another type"
    check(found.kind == kind or not error_num, error_num, said)


def _shown(name: str, graph: Fields) -> Fields:
    return {"_key": name, "_id": f"_graphs/{name}", "_rev": "", "name": name, **graph}


def _changed(call: Call, name: str) -> Fields:
    """The graph as it is now, with a new revision."""
    graph = graph_of(call, name)
    graph["_rev"] = call.headers["etag"] = call.store.revisions.next()
    call.status = 201 if call.flag("waitForSync") else 202
    return {"graph": _shown(name, graph)}
