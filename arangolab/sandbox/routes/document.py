"""Documents: one, an array of them, many that are imported, and the edges of a vertex."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final
from urllib.parse import quote

from arangolab.sandbox.aql.context import NO_STATS
from arangolab.sandbox.call import Call, Fields, route
from arangolab.sandbox.documents import operate
from arangolab.sandbox.faults import ArangoError, check
from arangolab.sandbox.http import Reply, decoded, encode
from arangolab.sandbox.store import Collection
from arangolab.sandbox.transaction import Transaction

_WAYS: Final = {"in": "inbound", "out": "outbound", "any": "any", "": "any", "undefined": "any"}
"""The last for arangojs, which leaves parameters out so."""


@route("POST PUT PATCH DELETE /_api/document", "POST PUT PATCH DELETE /_api/document/{}")
@route("GET PUT PATCH DELETE /_api/document/{}/{}")
def _document(call: Call, name: str = "", key: str = "") -> Reply:
    """Treat one document, or an array of them."""
    collection = call.collection(name)
    body = None if key and call.method in ("GET", "DELETE") else decoded(call.request.body)
    if not key and (call.method != "POST" or type(body) is list):
        return _many(call, collection, body)
    with call.transaction() as trx:
        shown = treated(call, trx, collection.name, key, body)
    call.headers["etag"] = f'"{shown["_rev"]}"'
    if call.method == "GET":
        return unless_known(call, shown, shown["_rev"])
    call.headers["location"] = quote(f"/_db/{call.database.name}/_api/document/{shown['_id']}")
    call.written(200 if call.method == "DELETE" else 201, collection.options["waitForSync"])
    return Reply(call.status, b"{}") if call.flag("silent") else call.plain(shown)


def treated(call: Call, trx: Transaction, name: str, key: str, body: Any) -> Fields:
    """Do with a document what a request says, if it has the revision asked for; what is told."""
    options = _options(call, body, _etag(call, "if-match") or call.text("rev"))
    return operate(trx, call.method, name, key, body, options)


def unless_known(call: Call, told: Any, revision: str) -> Reply:
    """What is told of a document, unless the client has it."""
    is_known = _etag(call, "if-none-match") == revision
    return Reply(304, b"", call.headers) if is_known else call.plain(told)


def _etag(call: Call, header: str) -> str:
    return call.request.headers.get(header, "").removeprefix("W/").strip('"')


def _options(call: Call, body: Any, rev: Any = None) -> Fields:
    """What is said of the operation, as ``operate`` takes it; ?ignoreRevs=false: in the body."""
    told: Fields = {name: call.flag(name) for name in call.request.query}
    told |= {name: call.text(name) for name in {"overwriteMode", "versionAttribute"} & told.keys()}
    if type(body) is dict and not call.flag("ignoreRevs", True):
        rev = rev or body.get("_rev")
    return {**told, "rev": rev}


def _many(call: Call, collection: Collection, items: Any) -> Reply:
    """Treat each item; those that fail leave their error in the list, a header counts these."""
    method = "GET" if call.method == "PUT" and call.flag("onlyget") else call.method
    check(type(items) is list, 1227 if method in ("PUT", "PATCH") else 400)
    shown, errors = list[Fields](), Counter[str]()
    with call.transaction() as trx:
        trx.view(collection.name)
        for item in items:
            try:
                check(method == "POST" or type(item) in (str, dict), 1227)
                options = _options(call, item)
                shown.append(operate(trx, method, collection.name, item, item, options))
            except ArangoError as error:
                if error.error_num in (10, 1652):
                    raise
                errors[str(error.error_num)] += 1
                told = {"errorNum": error.error_num, "errorMessage": error.message}
                shown.append({"error": True, **told})
    if method == "GET":
        return call.plain(shown)
    if errors:
        call.headers["x-arango-error-codes"] = encode(dict(sorted(errors.items()))).decode()
    is_synchronous = collection.options["waitForSync"] and len(shown) > errors.total()
    call.written(200 if method == "DELETE" else 201, is_synchronous)
    return call.plain([t for t in shown if "error" in t] if call.flag("silent") else shown)


@route("GET /_api/edges/{}")
def _edges(call: Call, name: str) -> Fields:
    check(call.collection(name).is_edges, 1218)
    said = f"<direction> must by any, in, or out, not: {call.text('direction')}"
    way = check(_WAYS.get(call.text("direction")), 400, said)
    with call.transaction() as trx:
        found = trx.view(name).edges(check(call.text("vertex"), 1205), way)
    sides = 2 if way == "any" else 1
    stats = {**NO_STATS, "documentLookups": len(found), "scannedIndex": len(found)}
    return {"edges": found, "stats": {**stats, "cursorsCreated": sides, "cacheMisses": sides}}


# ---- import


@route("POST=201 /_api/import")
def _import(call: Call) -> Reply:
    """Import documents; how many were created, updated, ignored, and wrong."""
    name, complete, details = call.collection().name, call.flag("complete"), list[str]()
    items, inserted = _items(call), 0
    told: Fields = {"created": 0, "empty": items.count(""), "updated": 0, "ignored": 0}
    with call.transaction() as trx:
        if call.flag("overwrite"):
            trx.truncate(name)
        for line, item in enumerate(items, 1):
            place = line
            try:
                if item != "":
                    document = _importable(call, trx.view(name).collection, item)
                    place, inserted = inserted, inserted + 1  # which counts anew, from 0
                    told[_insert(call, trx, name, document)] += 1
            except ArangoError as error:
                known = ArangoError(error.error_num)
                if complete:
                    raise known from None
                failed = f"creating document failed with error '{known.message}'"
                why, part = error.message if place == line else failed, encode(item).decode()
                details.append(f"at position {place}: {why}, offending document: {part[:255]}")
    told |= {"error": False, "errors": len(details)}
    return call.plain({**told, "details": details} if call.flag("details") else told)


def _importable(call: Call, collection: Collection, item: Any) -> Any:
    """An item as a document, its ends with their prefixes; ArangoError 1227, 1233."""
    check(type(item) is dict, 1227, "invalid JSON type (expecting object)")
    if collection.is_edges:
        for side in ("_from", "_to"):
            end, prefix = item.get(side), call.text(side[1:] + "Prefix").rstrip("/")
            check(type(end) in (str, int), 1233, "missing '_from' or '_to' attribute")
            item = {**item, side: f"{prefix}/{end}" if prefix and "/" not in str(end) else end}
    return item


def _insert(call: Call, trx: Transaction, name: str, document: Fields) -> str:
    """What was done: created, updated, ignored; ArangoError if it cannot be."""
    asked = call.text("onDuplicate")
    mode = asked if asked in ("ignore", "replace", "update") else "conflict"
    told = operate(trx, "POST", name, "", document, {"overwriteMode": mode, "returnNew": True})
    return "ignored" if "new" not in told else "updated" if "_oldRev" in told else "created"


def _items(call: Call) -> list[Any]:
    """What a body consists of; text for a line that is no document; ArangoError 400, 600."""
    body, kind = call.request.body, call.text("type")
    if kind in ("list", "array") or (kind == "auto" and body.lstrip()[:1] == b"["):
        items: list[Any] = decoded(body)
        check(type(items) is list, 400, "expecting a JSON array in the request")
        return items
    lines = [_line(line) for line in body.removesuffix(b"\n").split(b"\n")]
    if kind in ("auto", "documents"):
        return lines
    check(b"\n" in body, 400, "no JSON array found in second line")
    names, are_short = lines.pop(0), call.flag("ignoreMissing")
    are_names = type(names) is list and names and all(type(name) is str for name in names)
    check(are_names, 400, "no JSON string array found in first line")
    fits = [type(row) is list and (are_short or len(row) == len(names)) for row in lines]
    rows = zip(lines, fits, strict=True)
    return [dict(zip(names, row, strict=False)) if is_row else row for row, is_row in rows]


def _line(line: bytes) -> Any:
    try:
        return decoded(line) if line.strip() else ""
    except ArangoError:
        return line.decode("utf-8", "replace")
