"""Documents: one, an array of them, and the edges of a vertex."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from arangolab.sandbox.aql.context import no_stats
from arangolab.sandbox.call import Call, Fields, route
from arangolab.sandbox.documents import operate
from arangolab.sandbox.faults import ArangoError, check
from arangolab.sandbox.http import Reply, decoded, encode
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.store import EDGE
from arangolab.sandbox.transaction import Transaction

_DIRECTIONS: Final = {"": "any", "any": "any", "in": "inbound", "out": "outbound"}


@route("POST PUT PATCH DELETE /_api/document", "POST PUT PATCH DELETE /_api/document/{}")
@route("GET PUT PATCH DELETE /_api/document/{}/{}")
def _document(call: Call, name: str = "", key: str = "") -> Reply:
    """Treat one document, or an array of them."""
    name = name or call.collection().name
    body = None if key and call.method in ("GET", "DELETE") else decoded(call.request.body)
    if not key and (call.method != "POST" or type(body) is list):
        return _many(call, name, body)
    with call.transaction() as trx:
        shown = treated(call, trx, name, key, body)
    if call.method == "GET":
        return unless_known(call, shown, shown["_rev"])
    _set_status(call, name, call.method)
    call.headers["location"] = f"/_db/{call.database_name}/_api/document/{shown['_id']}"
    return call.plain({} if call.flag("silent") else shown)


def treated(call: Call, trx: Transaction, name: str, key: str, body: Any) -> Document:
    """Do with a document what a request says, if it has the revision asked for; what is told."""
    rev = _etag(call, "if-match") or call.text("rev") or _rev(call, body)
    shown = operate(trx, call.method, name, key, body, {**_options(call), "rev": rev})
    call.headers["etag"] = f'"{shown["_rev"]}"'
    return shown


def unless_known(call: Call, told: Any, revision: str) -> Reply:
    """What is told of a document, unless the client has it."""
    is_known = _etag(call, "if-none-match") == revision
    return Reply(304, b"", call.headers) if is_known else call.plain(told)


def _options(call: Call) -> Fields:
    """What the URL says of the operation, as ``operate`` takes it."""
    flags = {name: call.flag(name) for name in call.request.query}
    return {**flags, "overwriteMode": call.text("overwriteMode")}


def _etag(call: Call, header: str) -> str:
    return call.request.headers.get(header, "").removeprefix("W/").strip('"')


def _rev(call: Call, body: Any) -> Any:
    """The revision in a body, with ?ignoreRevs=false."""
    return body.get("_rev") if type(body) is dict and not call.flag("ignoreRevs", True) else None


def _set_status(call: Call, name: str, method: str) -> None:
    if method not in ("GET", "DELETE"):
        call.written(201, call.collection(name))


def _many(call: Call, name: str, items: Any) -> Reply:
    """Treat each item; those that fail leave their error in the list, a header counts these."""
    method = "GET" if call.method == "PUT" and call.flag("onlyget") else call.method
    check(type(items) is list, 400, "expecting a JSON array in the request")
    shown, errors, options = list[Document](), Counter[str](), _options(call)
    with call.transaction() as trx:
        trx.view(name)
        for item in items:
            try:
                check(method == "POST" or type(item) in (str, dict), 1227)
                options["rev"] = _rev(call, item)
                shown.append(operate(trx, method, name, item, item, options))
            except ArangoError as error:
                if error.error_num in (10, 1652):
                    raise
                errors[str(error.error_num)] += 1
                told = {"errorNum": error.error_num, "errorMessage": error.message}
                shown.append({"error": True, **told})
    _set_status(call, name, method)
    if errors:
        call.headers["x-arango-error-codes"] = encode(dict(sorted(errors.items()))).decode()
        call.status = 202 if method == "DELETE" else call.status
    if call.flag("silent") and method != "GET":
        shown = [told for told in shown if "error" in told]
    return call.plain(shown)


@route("GET /_api/edges/{}")
def _edges(call: Call, name: str) -> Fields:
    vertex, way = call.text("vertex"), call.text("direction")
    check(call.collection(name).kind == EDGE, 1218)
    check(way in _DIRECTIONS, 400, f"<direction> must by any, in, or out, not: {way}")
    check(vertex, 1205)
    with call.transaction() as trx:
        found = trx.view(name).edges(vertex, _DIRECTIONS[way])
    sides = 2 if _DIRECTIONS[way] == "any" else 1
    stats = {**no_stats(), "documentLookups": len(found), "scannedIndex": len(found)}
    return {"edges": found, "stats": {**stats, "cursorsCreated": sides, "cacheMisses": sides}}
