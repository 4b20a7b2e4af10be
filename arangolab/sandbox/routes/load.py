"""Bulk import: lines of JSON, one array, or rows of values under a row of names."""

from __future__ import annotations

from typing import Any, Final

from arangolab.sandbox.call import Call, check, decoded, plain
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply, encode
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.store import EDGE
from arangolab.sandbox.transaction import Overwrite

_ON_DUPLICATE: Final[dict[str, Overwrite]] = {
    "error": "conflict",
    "update": "update",
    "replace": "replace",
    "ignore": "ignore",
}
_COUNTS: Final = ("created", "errors", "empty", "updated", "ignored")
_BATCH: Final = 5_000
_SHOWN: Final = 255
"""So much of a document that is wrong is told."""


def load(call: Call) -> Reply:
    """Import documents; how many were created, updated, ignored, and wrong."""
    query, name, complete = call.request.query, call.collection().name, call.flag("complete")
    on_duplicate = query.get("onDuplicate", "error")
    check(on_duplicate in _ON_DUPLICATE, 10, f"'{on_duplicate}' is not a value of onDuplicate")
    told, details = dict.fromkeys(_COUNTS, 0), list[str]()
    documents = _good(call, _items(call), told, details)
    if call.flag("overwrite"):
        with call.transaction() as trx:
            trx.truncate(name)
    size = len(documents) if complete else _BATCH
    for at in range(0, len(documents), size or 1):
        with call.transaction() as trx:
            for position, document in enumerate(documents[at : at + size], at):
                try:
                    change = trx.insert(name, document, overwrite=_ON_DUPLICATE[on_duplicate])
                except ArangoError as error:
                    known = ArangoError(error.error_num)
                    if complete:
                        raise known from None
                    why = f"creating document failed with error '{known.message}'"
                    details.append(_worded(position, why, document))
                else:
                    is_ignored = change.new is None
                    done = "created" if change.old is None else "updated"
                    told["ignored" if is_ignored else done] += 1
    told["errors"] = len(details)
    shown = {"details": details} if call.flag("details") else {}
    return plain({"error": False, **told, **shown}, 201)


def _good(call: Call, items: list[Any], told: dict[str, int], details: list[str]) -> list[Document]:
    """The documents among the items, with the prefixes of edges; the others are counted."""
    query, good, is_edge = call.request.query, list[Document](), call.collection().kind == EDGE
    for position, item in enumerate(items, 1):
        why = ""
        if item == b"":
            told["empty"] += 1
            continue
        if type(item) is bytes:
            why = "invalid JSON type (expecting object, probably parse error)"
        elif type(item) is ArangoError:
            why = item.message
        elif type(item) is not dict:
            why = "invalid JSON type (expecting object)"
        elif is_edge:
            item = _prefixed(item, "_from", query.get("fromPrefix"))
            item = _prefixed(item, "_to", query.get("toPrefix"))
            if type(item.get("_from")) is not str or type(item.get("_to")) is not str:
                why = "missing '_from' or '_to' attribute"
        if why:
            check(not call.flag("complete"), 1233 if type(item) is dict else 1227)
            details.append(_worded(position, why, item))
        else:
            good.append(item)
    return good


def _prefixed(edge: Document, side: str, prefix: str | None) -> Document:
    end = edge.get(side)
    if not prefix or type(end) not in (str, int) or "/" in str(end):
        return edge
    return {**edge, side: f"{prefix.rstrip('/')}/{end}"}


def _worded(position: int, why: str, item: Any) -> str:
    """What ArangoDB says of what cannot be imported, and of the beginning of it."""
    said = f"at position {position}: {why}"
    if type(item) is ArangoError:
        return said
    is_json = type(item) is not bytes
    text = (encode(item) if is_json else item).decode("utf-8", "replace")
    text = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
    return f"{said}, offending {'document' if is_json else 'context'}: {text}"


def _items(call: Call) -> list[Any]:
    """What a body consists of; bytes for a line that is no JSON, an error for a row that is none.

    ArangoError 10, 400, 600.
    """
    body, kind = call.request.body, call.request.query.get("type", "")
    if kind == "auto":
        kind = "array" if body.lstrip()[:1] == b"[" else "documents"
    if kind in ("list", "array"):
        documents: list[Any] = decoded(body)
        check(type(documents) is list, 400, "expecting a JSON array in the request")
        return documents
    check(kind in ("documents", ""), 10, "invalid value for 'type'")
    check(kind or b"\n" in body, 400, "no JSON array found in second line")
    lines = [_line(line.strip()) for line in body.split(b"\n")]
    if lines[-1] == b"":
        lines.pop()
    if kind:
        return lines
    names = lines[0]
    are_names = type(names) is list and names and all(type(name) is str for name in names)
    check(are_names, 400, "no JSON string array found in first line")
    return [_row(names, line, call.flag("ignoreMissing")) for line in lines[1:]]


def _line(line: bytes) -> Any:
    try:
        return decoded(line) if line else line
    except ArangoError:
        return line


def _row(names: list[str], values: Any, ignores_missing: bool) -> Any:
    if type(values) is bytes:
        return values
    if type(values) is not list:
        return ArangoError(10, "no valid JSON array data")
    if len(values) != len(names) and not ignores_missing:
        said = f"wrong number of JSON values (got {len(values)}, expected {len(names)})"
        return ArangoError(10, said)
    return {n: value for n, value in zip(names, values, strict=False) if value is not None}
