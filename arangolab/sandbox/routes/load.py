"""Bulk import: lines of JSON, one array, or rows of values under a row of names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from arangolab.sandbox.call import Call, Fields, route
from arangolab.sandbox.faults import ArangoError, check
from arangolab.sandbox.http import Reply, decoded, encode
from arangolab.sandbox.store import EDGE, Collection
from arangolab.sandbox.transaction import Transaction

_MODES: Final = ("update", "replace", "ignore")
_ON_DUPLICATE: Final = {"error": "conflict", **dict(zip(_MODES, _MODES, strict=True))}
_BATCH: Final = 5_000


@route("POST /_api/import")
def _load(call: Call) -> Reply:
    """Import documents; how many were created, updated, ignored, and wrong."""
    collection, query, complete = call.collection(), call.request.query, call.flag("complete")
    check(query.get("onDuplicate", "error") in _ON_DUPLICATE, 10, "invalid 'onDuplicate'")
    items, details = list(_items(call)), list[str]()
    told = dict.fromkeys(("created", "errors", "empty", "updated", "ignored"), 0)
    if call.flag("overwrite"):
        with call.transaction() as trx:
            trx.truncate(collection.name)
    size = len(items) if complete else _BATCH
    for first in range(0, len(items), size or 1):
        with call.transaction() as trx:
            for position, item in enumerate(items[first : first + size], first + 1):
                try:
                    told[_insert(trx, collection, item, query)] += 1
                except ArangoError as error:
                    if complete:
                        raise ArangoError(error.error_num) from None
                    text = encode(item).decode()[:255]
                    why = f"{error.message}, offending document: {text}"
                    details.append(f"at position {position}: {why}")
    told["errors"] = len(details)
    shown: Fields = {"details": details} if call.flag("details") else {}
    call.status = 201
    return call.plain({"error": False, **told, **shown})


def _insert(trx: Transaction, collection: Collection, item: Any, query: dict[str, str]) -> str:
    """What was done with an item: created, updated, ignored, empty; ArangoError if it is wrong."""
    if item == "":
        return "empty"
    check(type(item) is dict, 1227, "invalid JSON type (expecting object)")
    if collection.kind == EDGE:
        item = {**item}
        for side, prefix in (("_from", query.get("fromPrefix")), ("_to", query.get("toPrefix"))):
            end = item.get(side)
            check(type(end) in (str, int), 1233, "missing '_from' or '_to' attribute")
            if prefix and "/" not in str(end):
                item[side] = f"{prefix.rstrip('/')}/{end}"
    mode = _ON_DUPLICATE[query.get("onDuplicate", "error")]
    change = trx.insert(collection.name, item, overwrite=mode)
    return "ignored" if change.new is None else "updated" if change.old else "created"


def _items(call: Call) -> Iterator[Any]:
    """What a body consists of; text for a line that is no document; ArangoError 10, 400, 600."""
    body, kind = call.request.body, call.request.query.get("type", "")
    check(kind in ("", "auto", "documents", "list", "array"), 10, "invalid value for 'type'")
    if kind in ("list", "array") or (kind == "auto" and body.lstrip()[:1] == b"["):
        documents = decoded(body)
        check(type(documents) is list, 400, "expecting a JSON array in the request")
        yield from documents
        return
    lines = iter(body.removesuffix(b"\n").split(b"\n"))
    names: list[str] = [] if kind else _line(next(lines))
    are_names = type(names) is list and all(type(name) is str for name in names)
    check(are_names and (names or kind), 400, "no JSON string array found in first line")
    for line in lines:
        item = _line(line)
        if names and type(item) is list:
            fits = len(item) == len(names) or call.flag("ignoreMissing")
            item = dict(zip(names, item, strict=False)) if fits else item
        yield item


def _line(line: bytes) -> Any:
    try:
        return decoded(line) if line.strip() else ""
    except ArangoError:
        return line.decode("utf-8", "replace")
