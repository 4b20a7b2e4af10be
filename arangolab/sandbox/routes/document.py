"""Documents, one or an array of them; and vertices and edges, which are a graph's documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, Final, get_args

from arangolab.sandbox.aql.context import no_stats
from arangolab.sandbox.call import Call, Fields, check, decoded, plain
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.host import bare_key
from arangolab.sandbox.http import Reply
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.routes.graph import edges_of, graph_of, vertices_of
from arangolab.sandbox.store import EDGE
from arangolab.sandbox.transaction import Change, Overwrite, Transaction, head_of
from arangolab.sandbox.view import Direction

Action = Callable[[Transaction, str, Any, str | None], Change]
"""Does with the document of a key what the body says, if it has the revision."""

_OVERWRITES: Final[dict[str, Overwrite]] = {mode: mode for mode in get_args(Overwrite)}
_DIRECTIONS: Final[dict[str, Direction]] = {
    **dict.fromkeys(("", "any"), "any"),
    **dict.fromkeys(("in", "inbound"), "inbound"),
    **dict.fromkeys(("out", "outbound"), "outbound"),
}


def document(call: Call, name: str = "", key: str = "") -> Reply:
    """Read, insert, update, replace or remove one document, or an array of them."""
    method, name = call.method, name or call.collection().name
    body = None if key and method in ("GET", "DELETE") else decoded(call.request.body)
    if not key and (method != "POST" or type(body) is list):
        return _many(call, name, body)
    change = _one(call, name, key, body, _header(call, "if-match") or _asked(call, body))
    shown = _shown(call, change, method)
    headers = {"etag": f'"{shown["_rev"]}"'}
    if method == "GET":
        is_known = _header(call, "if-none-match") == shown["_rev"]
        return Reply(304, b"", headers) if is_known else plain(shown, 200, headers)
    status = _status(call, name, method)
    if call.flag("silent"):
        return plain({}, status)
    headers["location"] = f"/_db/{call.database_name}/_api/document/{shown['_id']}"
    return plain(shown, status, headers)


def _one(
    call: Call, name: str, key: str, body: Any, revision: str | None, graph: Fields | None = None
) -> Change:
    """Treat one document, or a vertex or edge of a graph: a conflict of revisions is a 412."""
    method = call.method
    act = _action(call, name, method)
    try:
        with call.transaction() as trx:
            if graph and body is not None and call.collection(name).kind == EDGE:
                _check_ends(trx, graph, body, whole=method != "PATCH")
            change = act(trx, key, body, revision)
            if graph and method == "DELETE":
                _remove_edges(trx, f"{name}/{key}")
            return change
    except ArangoError as error:
        if error.error_num == 1200 and "_rev" in error.details:
            error.status = 412
        raise


def _action(call: Call, name: str, method: str) -> Action:
    """What a method and the request's options do with a document of a collection."""
    if method == "GET":
        return partial(_read, name)
    usual = "replace" if call.flag("overwrite") else "conflict"
    overwrite = call.request.query.get("overwriteMode", usual)
    check(overwrite in _OVERWRITES, 10, f"'{overwrite}' is not an overwriteMode")
    merging = {
        "keep_null": call.flag("keepNull", True),
        "merge_objects": call.flag("mergeObjects", True),
    }

    def act(trx: Transaction, key: str, body: Any, revision: str | None) -> Change:
        if method == "POST":
            return trx.insert(name, body, overwrite=_OVERWRITES[overwrite], **merging)
        if method == "PATCH":
            return trx.update(name, key, body, rev=revision, **merging)
        if method == "PUT":
            return trx.replace(name, key, body, rev=revision)
        return trx.remove(name, key, rev=revision)

    return act


def _read(name: str, trx: Transaction, key: str, _: Any, revision: str | None) -> Change:
    found = trx.by_key(name, key)
    if revision and revision != found["_rev"]:
        said = "conflict, _rev values do not match"
        raise ArangoError(1200, said, details=head_of(found))
    return Change(found, found)


def _shown(call: Call, change: Change, method: str) -> Document:
    """What a client is told of a document: all of one that was read."""
    if method == "GET" and change.old:
        return change.old
    return change.shown(with_new=call.flag("returnNew"), with_old=call.flag("returnOld"))


def _status(call: Call, name: str, method: str) -> int:
    """201 for a synchronous write, else 202."""
    if method in ("GET", "DELETE"):
        return 200
    return 201 if call.flag("waitForSync") or call.collection(name).wait_for_sync else 202


def _header(call: Call, name: str) -> str | None:
    revision = call.request.headers.get(name)
    return revision.removeprefix("W/").strip('"') if revision else None


def _asked(call: Call, body: Any) -> str | None:
    """The revision in the body, with ?ignoreRevs=false."""
    if type(body) is not dict or call.flag("ignoreRevs", True):
        return None
    return body["_rev"] if type(body.get("_rev")) is str else None


def _many(call: Call, name: str, items: Any) -> Reply:
    """Treat each item; those that fail leave their error in the list, a header counts these."""
    method = "GET" if call.method == "PUT" and call.flag("onlyget") else call.method
    check(type(items) is list, 400, "expecting a JSON array in the request")
    act, status = _action(call, name, method), _status(call, name, method)
    shown, errors, headers = [], Counter[int](), {}
    with call.transaction() as trx:
        trx.view(name)
        for item in items:
            try:
                key = "" if method == "POST" else _key_of(name, item)
                shown.append(_shown(call, act(trx, key, item, _asked(call, item)), method))
            except ArangoError as error:
                if error.error_num in (1203, 1652):
                    raise
                errors[error.error_num] += 1
                told = {"errorNum": error.error_num, "errorMessage": error.message}
                shown.append({"error": True, **told})
    if call.flag("silent") and method != "GET":
        shown = [told for told in shown if "error" in told]
    if errors:
        counted = ",".join(f'"{number}":{count}' for number, count in sorted(errors.items()))
        headers["x-arango-error-codes"] = "{" + counted + "}"
        status = 202 if method == "DELETE" else status
    return plain(shown, status, headers)


def _key_of(name: str, selector: Any) -> str:
    if type(selector) is dict:
        return bare_key(name, selector.get("_key") or selector.get("_id"))
    check(type(selector) is str, 1227)
    return bare_key(name, selector)


# ---- vertices and edges


def graph_item(item: str, call: Call, graph_name: str, name: str, key: str = "") -> Fields | Reply:
    """Read, insert, update, replace or remove an ``item``: a "vertex" or an "edge" of a graph."""
    graph, method, told = graph_of(call, graph_name), call.method, Fields()
    if item == "edge":
        check(name in edges_of(graph), 1930)
    check(item == "edge" or name in vertices_of(graph), 1949)
    body = None if method in ("GET", "DELETE") else call.object()
    revision = _header(call, "if-match") or call.request.query.get("rev")
    change = _one(call, name, key, body, revision, graph)
    if method == "DELETE":
        told["removed"] = True
    else:
        told[item] = change.old if method == "GET" else change.shown()
        call.headers["etag"] = told[item]["_rev"]
    if method == "GET":
        is_known = _header(call, "if-none-match") == told[item]["_rev"]
        return Reply(304, b"", call.headers) if is_known else told
    if call.flag("returnNew") and change.new is not None:
        told["new"] = change.new
    if call.flag("returnOld") and change.old is not None:
        told["old"] = change.old
    call.status = (201 if method == "POST" else 200) if call.flag("waitForSync") else 202
    return told


def _check_ends(trx: Transaction, graph: Fields, edge: Document, *, whole: bool) -> None:
    """ArangoError 1233, 1947, 1202: an edge's ends must be of the graph, and exist."""
    ends = {side: edge.get(side) for side in ("_from", "_to") if whole or side in edge}
    for side, end in ends.items():
        check(type(end) is str and "/" in end, 1233)
        name = str(end).partition("/")[0]
        said = f"referenced {side} collection '{name}' is not part of the graph"
        check(name in vertices_of(graph), 1947, said)
    for end in ends.values() if len(ends) == 2 else ():
        trx.by_key(*str(end).split("/", 1))


def _remove_edges(trx: Transaction, item: str) -> None:
    """Remove the edges of a vertex (or of an edge) in all graphs."""
    for name in sorted(
        {name for graph in trx.database.graphs.values() for name in edges_of(graph)}
    ):
        for edge in trx.edges(name, item):
            trx.remove(name, edge["_key"])


def edges(call: Call, name: str) -> Fields:
    """The edges of a vertex."""
    vertex, way = (call.request.query.get(asked, "") for asked in ("vertex", "direction"))
    check(call.collection(name).kind == EDGE, 1218)
    check(way in _DIRECTIONS, 400, f"<direction> must by any, in, or out, not: {way}")
    check(vertex, 1205)
    direction = _DIRECTIONS[way]
    with call.transaction() as trx:
        found = trx.edges(name, vertex, direction)
    sides = 2 if direction == "any" else 1
    looked_up = {"documentLookups": len(found), "scannedIndex": len(found)}
    cursors = {"cursorsCreated": sides, "cacheMisses": sides}
    return {"edges": found, "stats": {**no_stats(), **looked_up, **cursors}}
