"""Documents, one or an array of them; and vertices and edges, which are a graph's documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final, get_args

from arangolab.sandbox.aql.context import no_stats
from arangolab.sandbox.call import Call, plain
from arangolab.sandbox.faults import ArangoError, fault
from arangolab.sandbox.host import bare_key
from arangolab.sandbox.http import Reply
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.routes.graph import Graph, collections_of, graph_of
from arangolab.sandbox.store import EDGE
from arangolab.sandbox.transaction import Change, Overwrite, Transaction, head_of
from arangolab.sandbox.view import Direction

Write = Callable[[Transaction, str, Any, str | None], Change]
"""Writes the document with a key, as the body says, if it has the revision."""

_OVERWRITES: Final[dict[str, Overwrite]] = {mode: mode for mode in get_args(Overwrite)}
_DIRECTIONS: Final[dict[str, Direction]] = {"any": "any", "in": "inbound", "out": "outbound"}


# ---- one document


def read(call: Call, name: str, key: str) -> Reply:
    """One document; 304 with If-None-Match of its revision, 412 with another If-Match."""
    found = _read(call, name, key, _header(call, "if-match"))
    etag = {"etag": f'"{found["_rev"]}"'}
    if _header(call, "if-none-match") == found["_rev"]:
        return Reply(304, b"", etag)
    return plain(found, 200, etag)


def _read(call: Call, name: str, key: str, revision: str | None) -> Document:
    with call.transaction() as trx:
        found = trx.by_key(name, key)
    _check_revision(found, revision)
    return found


def write(call: Call, name: str = "", key: str = "") -> Reply:
    """Insert, update, replace or remove one document, or an array of them."""
    method = call.request.method
    name = name or call.collection().name
    body = call.json() if method != "DELETE" or not key else None
    if method == "PUT" and not key and call.flag("onlyget"):
        return _read_many(call, name, body)
    if not key and (method != "POST" or type(body) is list):
        return _write_many(call, name, body)
    change = _write_one(call, name, key, body, _header(call, "if-match") or _asked(call, body))
    status = 200 if method == "DELETE" else _status(call, name)
    if call.flag("silent"):
        return plain({}, status)
    shown = change.shown(with_new=call.flag("returnNew"), with_old=call.flag("returnOld"))
    location = f"/_db/{call.database_name}/_api/document/{shown['_id']}"
    headers = {"etag": f'"{shown["_rev"]}"', "location": location}
    return plain(shown, status, headers)


def _write_one(
    call: Call, name: str, key: str, body: Any, revision: str | None, graph: Graph | None = None
) -> Change:
    """Write one document, or a vertex or edge of a graph: a conflict of revisions is a 412."""
    write = _writing(call, name)
    try:
        with call.transaction() as trx:
            if graph and body is not None and call.collection(name).kind == EDGE:
                _check_ends(trx, graph, body, whole=call.request.method != "PATCH")
            change = write(trx, key, body, revision)
            if graph and body is None:
                _remove_edges(trx, f"{name}/{key}")
            return change
    except ArangoError as error:
        if error.error_num == 1200 and "_rev" in error.details:
            error.status = 412
        raise


def _writing(call: Call, name: str) -> Write:
    """What the request's method and options do with a document of a collection."""
    method = call.request.method
    merging = {name: call.flag(asked, True) for name, asked in _MERGING.items()}
    overwrite = _overwrite_of(call)

    def write(trx: Transaction, key: str, body: Any, revision: str | None) -> Change:
        if method == "POST":
            return trx.insert(name, body, overwrite=overwrite, **merging)
        if method == "PATCH":
            return trx.update(name, key, body, rev=revision, **merging)
        if method == "PUT":
            return trx.replace(name, key, body, rev=revision)
        return trx.remove(name, key, rev=revision)

    return write


_MERGING: Final = {"keep_null": "keepNull", "merge_objects": "mergeObjects"}


def _overwrite_of(call: Call) -> Overwrite:
    asked = call.request.query.get("overwriteMode")
    if asked is None:
        return "replace" if call.flag("overwrite") else "conflict"
    if asked not in _OVERWRITES:
        raise ArangoError(10, f"'{asked}' is not an overwriteMode")
    return _OVERWRITES[asked]


def _status(call: Call, name: str) -> int:
    """201 for a synchronous write, else 202."""
    return 201 if call.flag("waitForSync") or call.database.collection(name).wait_for_sync else 202


def _header(call: Call, name: str) -> str | None:
    revision = call.request.headers.get(name)
    return revision.removeprefix("W/").strip('"') if revision else None


def _asked(call: Call, body: Any) -> str | None:
    """The revision in the body, with ?ignoreRevs=false."""
    if type(body) is not dict or call.flag("ignoreRevs", True):
        return None
    return body["_rev"] if type(body.get("_rev")) is str else None


def _check_revision(document: Document, wanted: str | None) -> None:
    if wanted and wanted != document["_rev"]:
        said = "conflict, _rev values do not match"
        raise ArangoError(1200, said, 412, head_of(document))


# ---- arrays of documents


def _read_many(call: Call, name: str, selectors: Any) -> Reply:
    def one(trx: Transaction, selector: Any) -> Document:
        document = trx.by_key(name, _key_of(name, selector))
        _check_revision(document, _asked(call, selector))
        return document

    with call.transaction() as trx:
        found, headers = _each(trx, selectors, one)
    return plain(found, 200, headers)


def _write_many(call: Call, name: str, items: Any) -> Reply:
    write, method = _writing(call, name), call.request.method
    wanted = {"with_new": call.flag("returnNew"), "with_old": call.flag("returnOld")}

    def one(trx: Transaction, item: Any) -> Document:
        key = "" if method == "POST" else _key_of(name, item)
        return write(trx, key, item, _asked(call, item)).shown(**wanted)

    with call.transaction() as trx:
        trx.view(name)
        shown, headers = _each(trx, items, one)
    if call.flag("silent"):
        shown = [told for told in shown if "error" in told]
    status = 200 if method == "DELETE" and not headers else _status(call, name)
    return plain(shown, 202 if headers and method == "DELETE" else status, headers)


def _each(
    trx: Transaction, items: Any, one: Callable[[Transaction, Any], Document]
) -> tuple[list[Document], dict[str, str]]:
    """What each item gave, or its error; and the header that counts errors by number."""
    if type(items) is not list:
        raise ArangoError(400, "expecting a JSON array in the request")
    shown, errors = [], Counter[int]()
    for item in items:
        try:
            shown.append(one(trx, item))
        except ArangoError as error:
            if error.error_num in (1203, 1652):
                raise
            errors[error.error_num] += 1
            told = {"errorNum": error.error_num, "errorMessage": error.message}
            shown.append({"error": True, **told})
    counted = ",".join(f'"{number}":{count}' for number, count in sorted(errors.items()))
    return shown, {"x-arango-error-codes": "{" + counted + "}"} if errors else {}


def _key_of(name: str, selector: Any) -> str:
    if type(selector) is dict:
        selector = selector.get("_key") or selector.get("_id")
    elif type(selector) is not str:
        raise ArangoError(1227)
    return bare_key(name, selector)


# ---- vertices and edges


def graph_item(
    item: str, call: Call, graph_name: str, name: str, key: str = ""
) -> dict[str, Any] | Reply:
    """Read, insert, update, replace or remove an ``item``: a "vertex" or an "edge" of a graph."""
    graph = graph_of(call, graph_name)
    if name not in collections_of(graph):
        raise ArangoError(1930 if item == "edge" else 1949)
    method, waits = call.request.method, call.flag("waitForSync")
    revision = _header(call, "if-match") or call.request.query.get("rev")
    if method in ("GET", "HEAD"):
        found = _read(call, name, key, revision)
        call.headers["etag"] = found["_rev"]
        if _header(call, "if-none-match") == found["_rev"]:
            return Reply(304, b"", call.headers)
        return {item: found}
    body = call.object() if method != "DELETE" else None
    change = _write_one(call, name, key, body, revision, graph)
    told: dict[str, Any] = {"removed": True}
    if method != "DELETE":
        told = {item: change.shown()}
        call.headers["etag"] = told[item]["_rev"]
    shown = {"new": change.new, "old": change.old}
    for name, asked in (("new", "returnNew"), ("old", "returnOld")):
        if call.flag(asked) and shown[name] is not None:
            told[name] = shown[name]
    call.status = (201 if method == "POST" else 200) if waits else 202
    return told


def _check_ends(trx: Transaction, graph: Graph, edge: Document, *, whole: bool) -> None:
    """ArangoError 1233, 1947, 1202: an edge's ends must be of the graph, and exist."""
    ends = []
    for side in ("_from", "_to"):
        if whole or side in edge:
            end = edge.get(side)
            if type(end) is not str or "/" not in end:
                raise ArangoError(1233)
            name, _, key = end.partition("/")
            if name not in collections_of(graph):
                raise fault(1947, side, name)
            ends.append((name, key))
    for name, key in ends if len(ends) == 2 else ():
        trx.by_key(name, key)


def _remove_edges(trx: Transaction, item: str) -> None:
    """Remove the edges of a vertex (or of an edge) in all graphs."""
    graphs = trx.database.graphs.values()
    for name in sorted({one["collection"] for graph in graphs for one in graph["edgeDefinitions"]}):
        for edge in trx.edges(name, item):
            trx.remove(name, edge["_key"])


def edges(call: Call, name: str) -> dict[str, Any]:
    """The edges of a vertex."""
    query = call.request.query
    if call.collection(name).kind != EDGE:
        raise ArangoError(1218)
    if not query.get("vertex"):
        raise ArangoError(1205)
    direction = _DIRECTIONS.get(query.get("direction", "any"))
    if direction is None:
        raise ArangoError(10, "<direction> must by 'any', 'in', or 'out'")
    with call.transaction() as trx:
        found = trx.edges(name, query["vertex"], direction)
    sides = 2 if direction == "any" else 1
    looked_up = {"documentLookups": len(found), "scannedIndex": len(found)}
    cursors = {"cursorsCreated": sides, "cacheMisses": sides}
    return {"edges": found, "stats": {**no_stats(), **looked_up, **cursors}}
