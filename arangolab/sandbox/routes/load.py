"""Bulk import: lines of JSON, one array, or rows of values under a row of names."""

from __future__ import annotations

from typing import Any, Final

from arangolab.sandbox.call import Call, Fields, route
from arangolab.sandbox.documents import operate
from arangolab.sandbox.faults import ArangoError, check
from arangolab.sandbox.http import Reply, decoded, encode
from arangolab.sandbox.store import EDGE, Collection
from arangolab.sandbox.transaction import Transaction

_ON_DUPLICATE: Final = {"error": "conflict"} | {on: on for on in ("ignore", "replace", "update")}
_BATCH: Final = 5_000


@route("POST /_api/import")
def _load(call: Call) -> Reply:
    """Import documents; how many were created, updated, ignored, and wrong."""
    collection, complete, details = call.collection(), call.flag("complete"), list[str]()
    mode = _ON_DUPLICATE.get(call.text("onDuplicate", "error"), "")
    check(mode, 10, "invalid 'onDuplicate'")
    items = _items(call)
    told: Fields = dict.fromkeys(("created", "errors", "empty", "updated", "ignored"), 0)
    if call.flag("overwrite"):
        with call.transaction() as trx:
            trx.truncate(collection.name)
    size = len(items) if complete else _BATCH
    for first in range(0, len(items), size or 1):
        with call.transaction() as trx:
            for position, item in enumerate(items[first : first + size], first + 1):
                try:
                    told[_insert(call, trx, collection, item, mode)] += 1
                except ArangoError as error:
                    if complete:
                        raise ArangoError(error.error_num) from None
                    why = f"{error.message}, offending document: {encode(item).decode()[:255]}"
                    details.append(f"at position {position}: {why}")
    told |= {"error": False, "errors": len(details)}
    call.status = 201
    return call.plain({**told, "details": details} if call.flag("details") else told)


def _insert(call: Call, trx: Transaction, collection: Collection, item: Any, mode: str) -> str:
    """What was done with an item: created, updated, ignored, empty; ArangoError if it is wrong."""
    if item == "":
        return "empty"
    check(type(item) is dict, 1227, "invalid JSON type (expecting object)")
    if collection.kind == EDGE:
        for side in ("_from", "_to"):
            end, prefix = item.get(side), call.text(side[1:] + "Prefix").rstrip("/")
            check(type(end) in (str, int), 1233, "missing '_from' or '_to' attribute")
            item = {**item, side: f"{prefix}/{end}" if prefix and "/" not in str(end) else end}
    options = {"overwriteMode": mode, "returnNew": True}
    told = operate(trx, "POST", collection.name, "", item, options)
    return "ignored" if "new" not in told else "updated" if "_oldRev" in told else "created"


def _items(call: Call) -> list[Any]:
    """What a body consists of; text for a line that is no document; ArangoError 10, 400, 600."""
    body, kind = call.request.body, call.text("type")
    check(kind in ("", "auto", "documents", "list", "array"), 10, "invalid value for 'type'")
    if kind in ("list", "array") or (kind == "auto" and body.lstrip()[:1] == b"["):
        items: list[Any] = decoded(body)
        check(type(items) is list, 400, "expecting a JSON array in the request")
        return items
    lines = [_line(line) for line in body.removesuffix(b"\n").split(b"\n")]
    if kind:
        return lines
    names, are_short = lines.pop(0), call.flag("ignoreMissing")
    are_names = type(names) is list and names and all(type(name) is str for name in names)
    check(are_names, 400, "no JSON string array found in first line")
    return [
        dict(zip(names, line, strict=False))
        if type(line) is list and (are_short or len(line) == len(names))
        else line
        for line in lines
    ]


def _line(line: bytes) -> Any:
    try:
        return decoded(line) if line.strip() else ""
    except ArangoError:
        return line.decode("utf-8", "replace")
