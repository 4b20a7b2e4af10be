"""Documents, one or an array of them; and vertices and edges, which are a graph's documents."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any, Final

from arangolab.sandbox.aql.context import no_stats
from arangolab.sandbox.call import Call, Fields, route
from arangolab.sandbox.faults import ArangoError, check
from arangolab.sandbox.http import Reply, decoded, encode
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.operations import key_of, operate
from arangolab.sandbox.routes.graph import edges_of, graph_of, vertices_of
from arangolab.sandbox.store import EDGE
from arangolab.sandbox.transaction import Transaction

_DIRECTIONS: Final = {"": "any", "any": "any", "in": "inbound", "out": "outbound"}


@route("POST PUT PATCH DELETE /_api/document", "POST PUT PATCH DELETE /_api/document/{}")
@route("GET PUT PATCH DELETE /_api/document/{}/{}")
def _document(call: Call, name: str = "", key: str = "") -> Reply:
    """Treat one document, or an array of them."""
    method, name = call.method, name or call.collection().name
    body = None if key and method in ("GET", "DELETE") else decoded(call.request.body)
    if not key and (method != "POST" or type(body) is list):
        return _many(call, name, body)
    shown = _one(call, name, key, body, _header(call, "if-match") or _asked(call, body))
    if method == "GET":
        return _read(call, shown, shown["_rev"])
    call.status = _status(call, name, method)
    call.headers["location"] = f"/_db/{call.database_name}/_api/document/{shown['_id']}"
    return call.plain({} if call.flag("silent") else shown)


def _read(call: Call, told: Any, revision: str) -> Reply:
    """What is told of a document, unless the client has it."""
    is_known = _header(call, "if-none-match") == revision
    return Reply(304, b"", call.headers) if is_known else call.plain(told)


def _one(
    call: Call, name: str, key: str, body: Any, revision: str | None, graph: Fields | None = None
) -> Document:
    """Treat a document, vertex or edge, and tell of it: a conflict of revisions is a 412."""
    try:
        with call.transaction() as trx:
            if graph and body is not None and call.collection(name).kind == EDGE:
                _check_ends(trx, graph, body, whole=call.method != "PATCH")
            shown = operate(trx, call.method, name, key, body, _options(call, revision))
            if graph and call.method == "DELETE":
                _remove_edges(trx, f"{name}/{key}")
    except ArangoError as error:
        if error.error_num == 1200 and "_rev" in error.details:
            error.status = 412
        raise
    call.headers["etag"] = f'"{shown["_rev"]}"'
    return shown


def _options(call: Call, revision: str | None) -> Fields:
    """What the URL says of the operation, as ``operate`` takes it."""
    query = call.request.query
    mode = {"overwriteMode": query["overwriteMode"]} if "overwriteMode" in query else {}
    return {name: call.flag(name) for name in query} | mode | {"rev": revision}


def _status(call: Call, name: str, method: str) -> int:
    """201 for a synchronous write, else 202."""
    if method in ("GET", "DELETE"):
        return 200
    return 201 if call.flag("waitForSync") or call.collection(name).options["waitForSync"] else 202


def _header(call: Call, name: str) -> str:
    return call.request.headers.get(name, "").removeprefix("W/").strip('"')


def _asked(call: Call, body: Any) -> str | None:
    """The revision in the body, with ?ignoreRevs=false."""
    asks = type(body) is dict and not call.flag("ignoreRevs", True)
    return body["_rev"] if asks and type(body.get("_rev")) is str else None


def _many(call: Call, name: str, items: Any) -> Reply:
    """Treat each item; those that fail leave their error in the list, a header counts these."""
    method = "GET" if call.method == "PUT" and call.flag("onlyget") else call.method
    check(type(items) is list, 400, "expecting a JSON array in the request")
    shown, errors = list[Document](), Counter[int]()
    with call.transaction() as trx:
        trx.view(name)
        for item in items:
            try:
                if method != "POST":
                    check(type(item) in (str, dict), 1227)
                key = "" if method == "POST" else key_of(name, item)
                options = _options(call, _asked(call, item))
                shown.append(operate(trx, method, name, key, item, options))
            except ArangoError as error:
                if error.error_num in (10, 1652):
                    raise
                errors[error.error_num] += 1
                told = {"errorNum": error.error_num, "errorMessage": error.message}
                shown.append({"error": True, **told})
    call.status = 202 if errors and method == "DELETE" else _status(call, name, method)
    if call.flag("silent") and method != "GET":
        shown = [told for told in shown if "error" in told]
    if errors:
        counted = {str(number): count for number, count in sorted(errors.items())}
        call.headers["x-arango-error-codes"] = encode(counted).decode()
    return call.plain(shown)


# ---- vertices and edges


def _item(item: str, call: Call, graph_name: str, name: str, key: str = "") -> Fields | Reply:
    """Treat an ``item``, "vertex" or "edge", of a graph; ArangoError 1924, 1930, 1949."""
    graph = graph_of(call, graph_name)
    is_known = name in (edges_of(graph) if item == "edge" else vertices_of(graph))
    check(is_known, 1930 if item == "edge" else 1949)
    body = None if call.method in ("GET", "DELETE") else call.object()
    revision = _header(call, "if-match") or call.request.query.get("rev")
    shown = _one(call, name, key, body, revision, graph)
    if call.method == "GET":
        return _read(call, {"error": False, "code": 200, item: shown}, shown["_rev"])
    call.status = (201 if call.method == "POST" else 200) if call.flag("waitForSync") else 202
    told: Fields = {part: shown.pop(part) for part in ("new", "old") if part in shown}
    return told | ({"removed": True} if call.method == "DELETE" else {item: shown})


for _name in ("vertex", "edge"):
    route(f"POST /_api/gharial/{{}}/{_name}/{{}}")(partial(_item, _name))
    route(f"GET PUT PATCH DELETE /_api/gharial/{{}}/{_name}/{{}}/{{}}")(partial(_item, _name))


def _check_ends(trx: Transaction, graph: Fields, edge: Document, *, whole: bool) -> None:
    """ArangoError 1233, 1947, 1202: an edge's ends must be of the graph, and exist."""
    for side in ("_from", "_to"):
        if whole or side in edge:
            check(type(edge.get(side)) is str and "/" in edge[side], 1233)
            name, _, key = edge[side].partition("/")
            said = f"referenced {side} collection '{name}' is not part of the graph"
            check(name in vertices_of(graph), 1947, said)
            trx.view(name).by_key(key)


def _remove_edges(trx: Transaction, item: str) -> None:
    """Remove the edges of a vertex (or of an edge) in all graphs."""
    for name in sorted(set[str]().union(*map(edges_of, trx.database.graphs.values()))):
        for edge in trx.view(name).edges(item):
            trx.remove(name, edge["_key"])


@route("GET /_api/edges/{}")
def _edges(call: Call, name: str) -> Fields:
    vertex, way = (call.request.query.get(asked, "") for asked in ("vertex", "direction"))
    check(call.collection(name).kind == EDGE, 1218)
    check(way in _DIRECTIONS, 400, f"<direction> must by any, in, or out, not: {way}")
    check(vertex, 1205)
    with call.transaction() as trx:
        found = trx.view(name).edges(vertex, _DIRECTIONS[way])
    sides = 2 if _DIRECTIONS[way] == "any" else 1
    stats = {**no_stats(), "documentLookups": len(found), "scannedIndex": len(found)}
    return {"edges": found, "stats": {**stats, "cursorsCreated": sides, "cacheMisses": sides}}
