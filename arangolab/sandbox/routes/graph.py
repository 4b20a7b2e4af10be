"""Named graphs: their definitions, and vertices and edges, which are documents."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from arangolab.sandbox.call import Call, Fields, read, route
from arangolab.sandbox.faults import check
from arangolab.sandbox.graphs import edges_of, vertices_of
from arangolab.sandbox.http import Reply
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.routes.document import treated, unless_known
from arangolab.sandbox.store import DOCUMENT, EDGE, Database
from arangolab.sandbox.transaction import Transaction
from arangolab.sandbox.view import WRITE


@route("GET POST /_api/gharial", "GET DELETE=202 /_api/gharial/{}")
def _graph(call: Call, name: str = "") -> Fields:
    """All graphs, or one; a new one; with ?dropCollections=true goes what no other graph uses."""
    with call.database.lock:  # one after the other
        database, graphs = call.database, call.database.graphs
        if call.method == "POST":
            body = call.object()
            name = read(body, "name", str, error_num=1922)
            check(name not in graphs, 1925)
            is_smart = read(body, "options", dict, {}).get("isSmart")
            check(not is_smart, 9, "isSmart is not supported by the arangolab sandbox")
            parts = map(_definition, read(body, "edgeDefinitions", list, [], 1923))
            call.written(201)
            return _defined(call, name, [*parts], _names(body, "orphanCollections", 1943, []))
        if not name:
            return {"graphs": list(graphs.values())}
        graph = check(graphs.get(name), 1924, (name,))
        if call.method == "GET":
            return {"graph": graph}
        gone = _dropped(call, "dropCollections", vertices_of(graph) | edges_of(graph).keys())
        del graphs[name]
        _drop_unused(database, gone)
        return {"removed": True}


def _dropped(call: Call, flag: str, names: set[str]) -> set[str]:
    """The collections that go with what names them if ?flag=true; ArangoError as Call.allow."""
    for one in (gone := names if call.flag(flag) else set[str]()):
        call.allow(one, WRITE)
    return gone


def _drop_unused(database: Database, names: set[str]) -> None:
    """Drop those of the collections that are in no graph."""
    for one in (names - database.in_graphs()) & database.collections.keys():
        database.drop_collection(one)


def _part(part: str, call: Call, name: str, old: str = "") -> Fields:
    """The collections of edges, or of vertices; add one, replace or remove the ``old`` one.

    For edges these are definitions; for vertices those that no definition names.
    """
    with call.database.lock:  # one after the other
        graph, is_edge = check(call.database.graphs.get(name), 1924, (name,)), part == "edge"
        edges, vertices = edges_of(graph), vertices_of(graph)
        if call.method == "GET":
            return {"collections": sorted(edges if is_edge else vertices)}
        known: Fields = edges if is_edge else dict.fromkeys(graph["orphanCollections"])
        check(not old or old in known, 1930 if is_edge else 1928)
        known.pop(old, None)
        if call.method != "DELETE":
            body = call.object()
            new = read(body, "collection", str, error_num=1923 if is_edge else 1208)
            check(old in ("", new), 1930)
            check(new not in known, 1920 if is_edge else 1938)
            check(is_edge or new not in vertices | edges.keys(), 1929)
            known[new] = _definition(body) if is_edge else None
        gone = _dropped(call, "dropCollections" if is_edge else "dropCollection", {old})
        told = _defined(call, name, list(edges.values()), vertices if is_edge else known)
        _drop_unused(call.database, gone)
        return told


def _definition(given: Any) -> Fields:
    """A definition of edges as it is kept; ArangoError 1923."""
    name = read(given, "collection", str, error_num=1923)
    return {"collection": name} | {end: sorted(_names(given, end, 1923)) for end in ("from", "to")}


def _names(given: Fields, part: str, error_num: int, usual: list[str] | None = None) -> list[str]:
    names: list[str] = read(given, part, list, usual, error_num)
    check(all(type(name) is str for name in names), error_num)
    return names


def _defined(call: Call, name: str, definitions: list[Fields], others: Iterable[str]) -> Fields:
    """Give a graph these definitions, and other collections of vertices as its orphans.

    ArangoError 1921 (another graph joins other vertices by these edges), 1944, 1208.
    """
    database = call.database
    graph: Fields = {"_key": name, "_id": f"_graphs/{name}", "name": name}
    graph |= {"edgeDefinitions": definitions, "orphanCollections": []}
    for known in [edges_of(one) for other, one in [*database.graphs.items()] if other != name]:
        check(all(known.get(one["collection"], one) == one for one in definitions), 1921)
    edges, vertices = edges_of(graph), vertices_of(graph)
    check(len(edges) == len(definitions), 1920)
    orphans = sorted(set(others) - vertices)
    for one in (*edges, *sorted(vertices), *orphans):
        kind, wrong = (EDGE, 1944) if one in edges else (DOCUMENT, 1927)
        found = database.collections.get(one) or database.create_collection(one, kind)
        check(found.kind == kind or one in vertices, wrong, f"'{one}' is of another type")
    graph |= {"orphanCollections": orphans, "_rev": call.store.revision()}
    database.graphs[name] = graph
    call.headers["etag"] = graph["_rev"]
    return {"graph": graph}


# ---- vertices and edges


def _item(item: str, call: Call, graph_name: str, name: str, key: str = "") -> Fields | Reply:
    """Treat an ``item``, "vertex" or "edge", of a graph; ArangoError 1924, 1930, 1949."""
    graph = check(call.database.graphs.get(graph_name), 1924, (graph_name,))
    check(item == "vertex" or name in edges_of(graph), 1930)
    check(item == "edge" or name in vertices_of(graph), 1949)
    body = None if call.method in ("GET", "DELETE") else call.object()
    with call.transaction() as trx:
        if item == "edge" and body is not None:
            _check_ends(trx, graph, body, whole=call.method != "PATCH")
        shown = treated(call, trx, name, key, body)
        call.headers["etag"] = shown["_rev"]  # without quotes here
        if call.method == "DELETE":
            _remove_edges(trx, f"{name}/{key}")
            call.headers.clear()
    if call.method == "GET":
        return unless_known(call, {"error": False, "code": 200, item: shown}, shown["_rev"])
    is_synchronous = call.database.collection(name).options["waitForSync"]
    call.written(201 if call.method == "POST" else 200, is_synchronous)
    told: Fields = {part: shown.pop(part) for part in ("new", "old") if part in shown}
    return told | ({"removed": True} if call.method == "DELETE" else {item: shown})


def _check_ends(trx: Transaction, graph: Fields, edge: Document, *, whole: bool) -> None:
    """ArangoError 1233, 1947, 1202: an edge's ends must be of the graph, and exist."""
    for side in ("_from", "_to"):
        if whole or side in edge:
            check(type(edge.get(side)) is str and "/" in edge[side], 1233)
            name, _, key = edge[side].partition("/")
            check(name in vertices_of(graph), 1947, (side, name))
            trx.view(name).by_key(key)


def _remove_edges(trx: Transaction, item: str) -> None:
    """Remove the edges of a vertex (or of an edge) in all graphs."""
    for name in sorted(set[str]().union(*map(edges_of, [*trx.database.graphs.values()]))):
        for edge in trx.view(name).edges(item):
            trx.view(name, WRITE).remove(edge)


for _name, _methods in (("vertex", "DELETE=202"), ("edge", "PUT=202 DELETE=202")):
    _path = f"/_api/gharial/{{}}/{_name}"
    route(f"GET POST=202 {_path}", f"{_methods} {_path}/{{}}")(partial(_part, _name))
    route(f"POST {_path}/{{}}", f"GET PUT PATCH DELETE {_path}/{{}}/{{}}")(partial(_item, _name))
