"""Bulk import: lines of JSON, one array, or rows of values under a row of names."""

from __future__ import annotations

from typing import Any, Final

from arangolab.sandbox.call import Call, check, decoded, plain
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply, encode
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.store import EDGE
from arangolab.sandbox.transaction import Overwrite, Transaction

Prefixes = dict[str, str | None]

_ON_DUPLICATE: Final[dict[str, Overwrite]] = {
    "error": "conflict",
    "update": "update",
    "replace": "replace",
    "ignore": "ignore",
}
_COUNTS: Final = ("created", "errors", "empty", "updated", "ignored")
_BATCH: Final = 5_000


def load(call: Call) -> Reply:
    """Import documents; how many were created, updated, ignored, and wrong."""
    query, collection, complete = call.request.query, call.collection(), call.flag("complete")
    prefixes = {"_from": query.get("fromPrefix"), "_to": query.get("toPrefix")}
    on_duplicate = query.get("onDuplicate", "error")
    check(on_duplicate in _ON_DUPLICATE, 10, f"'{on_duplicate}' is not a value of onDuplicate")
    documents = _documents(call.request.body, query.get("type", ""))
    told, details = dict.fromkeys(_COUNTS, 0), []
    if call.flag("overwrite"):
        with call.transaction() as trx:
            trx.truncate(collection.name)
    size = len(documents) if complete else _BATCH
    for at in range(0, len(documents), size or 1):
        with call.transaction() as trx:
            for position, document in enumerate(documents[at : at + size], at + 1):
                try:
                    mode = _ON_DUPLICATE[on_duplicate]
                    told[_put(trx, collection.name, document, mode, prefixes)] += 1
                except ArangoError as error:
                    if complete:
                        raise
                    told["errors"] += 1
                    details.append(f"at position {position}: {_worded(error, document)}")
    shown = {"details": details} if call.flag("details") else {}
    return plain({"error": False, **told, **shown}, 201)


def _put(trx: Transaction, name: str, document: Any, mode: Overwrite, prefixes: Prefixes) -> str:
    """Import one document; what is to be counted.  ArangoError."""
    if document is None:
        return "empty"
    check(type(document) is dict, 1227)
    if trx.database.collection(name).kind == EDGE:
        document = _prefixed(document, prefixes)
    change = trx.insert(name, document, overwrite=mode)
    if change.old is None:
        return "created"
    return "ignored" if change.new is None else "updated"


def _prefixed(edge: Document, prefixes: Prefixes) -> Document:
    for side, prefix in prefixes.items():
        end = edge.get(side)
        if prefix and type(end) is str and "/" not in end:
            edge = {**edge, side: f"{prefix.rstrip('/')}/{end}"}
    return edge


def _worded(error: ArangoError, document: Any) -> str:
    """What ArangoDB says of a document that cannot be imported; bytes are no JSON."""
    if type(document) is bytes:
        context = document.decode("utf-8", "replace")
        why = "invalid JSON type (expecting object, probably parse error)"
        return f"{why}, offending context: {context}"
    why = {
        1227: "invalid JSON type (expecting object)",
        1233: "missing '_from' or '_to' attribute",
    }.get(error.error_num, f"creating document failed with error '{error.message}'")
    return f"{why}, offending document: {encode(document).decode()}"


def _documents(body: bytes, kind: str) -> list[Any]:
    """The documents of a body, None for an empty line; ArangoError 10, 400, 600."""
    if kind == "auto":
        kind = "array" if body.lstrip()[:1] == b"[" else "documents"
    if kind in ("list", "array"):
        documents: list[Any] = decoded(body)
        check(type(documents) is list, 400, "expecting a JSON array in the request")
        return documents
    check(kind in ("documents", ""), 10, "invalid value for 'type'")
    lines = [_line(line) for line in body.split(b"\n")]
    if lines[-1] is None:
        lines.pop()
    return lines if kind else _rows(lines)


def _line(line: bytes) -> Any:
    """What a line says: None if it is empty, the line itself if it is no JSON."""
    try:
        return decoded(line) if line.strip() else None
    except ArangoError:
        return line.strip()


def _rows(lines: list[Any]) -> list[Any]:
    """Documents from a line with the names, then one line with the values of each."""
    names: Any = lines[0] if lines else None
    check(type(names) is list, 400, "no JSON array found in second line")
    are_strings = all(type(name) is str for name in names)
    check(are_strings, 400, "no JSON string array found in first line")
    return [
        dict(zip(names, line, strict=True))
        if type(line) is list and len(line) == len(names)
        else line
        for line in lines[1:]
    ]
