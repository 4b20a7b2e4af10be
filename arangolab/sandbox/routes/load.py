"""Bulk import: lines of JSON, one array, or rows of values under a row of names."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import orjson

from arangolab.sandbox.call import Call, decoded, plain
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply
from arangolab.sandbox.store import EDGE, Collection
from arangolab.sandbox.table import route
from arangolab.sandbox.transaction import Overwrite, Transaction

_ON_DUPLICATE: dict[str, Overwrite] = {
    "error": "conflict",
    "update": "update",
    "replace": "replace",
    "ignore": "ignore",
}
_BATCH = 5_000


class _Tally:
    """What an import did so far."""

    def __init__(self, *, wants_details: bool) -> None:
        self.created = self.errors = self.empty = self.updated = self.ignored = 0
        self.details: list[str] | None = [] if wants_details else None

    def fail(self, position: int, message: str, document: Any) -> None:
        """Count an error."""
        self.errors += 1
        if self.details is not None:
            what = f"offending document: {orjson.dumps(document).decode()}"
            if isinstance(document, _NoJson):
                what = f"offending context: {document}"
            self.details.append(f"at position {position}: {message}, {what}")

    def shown(self) -> dict[str, Any]:
        """The counts as the reply shows them."""
        counts = ("created", "errors", "empty", "updated", "ignored")
        fields: dict[str, Any] = {name: getattr(self, name) for name in counts}
        return fields if self.details is None else {**fields, "details": self.details}


@route("POST", "/_api/import")
def load(call: Call) -> Reply:
    """Import documents; how many were created, updated, ignored, and wrong."""
    query = call.request.query
    name = query.get("collection")
    if not name:
        raise ArangoError(1204)
    collection = call.database.collection(name)
    mode = _ON_DUPLICATE.get(query.get("onDuplicate", "error"))
    if mode is None:
        raise ArangoError(10, f"'{query['onDuplicate']}' is not a value of onDuplicate")
    documents = _documents(call.request.body, query.get("type") or None)
    complete = call.request.flag("complete")
    tally = _Tally(wants_details=call.request.flag("details"))
    if call.request.flag("overwrite"):
        with call.transaction() as trx:
            trx.truncate(name)
    prefixes = (query.get("fromPrefix"), query.get("toPrefix"))
    size = len(documents) if complete else _BATCH
    for at in range(0, len(documents), size or 1):
        with call.transaction() as trx:
            importer = _Importer(trx, collection, mode, tally, prefixes, complete=complete)
            for position, document in enumerate(documents[at : at + size], at + 1):
                importer.add(position, document)
    return plain({"error": False, **tally.shown()}, 201)


class _Importer:
    """Puts documents into one collection within one transaction."""

    def __init__(
        self,
        trx: Transaction,
        collection: Collection,
        mode: Overwrite,
        tally: _Tally,
        prefixes: tuple[str | None, str | None],
        *,
        complete: bool,
    ) -> None:
        self._trx = trx
        self._collection = collection
        self._mode = mode
        self._tally = tally
        self._prefixes = prefixes
        self._complete = complete

    def add(self, position: int, document: Any) -> None:
        """Import one document; ArangoError only if all must be right."""
        if document is None:
            self._tally.empty += 1
            return
        try:
            self._put(self._prefixed(document))
        except ArangoError as error:
            if self._complete:
                raise
            self._tally.fail(position, _told(error, document), document)

    def _put(self, document: Any) -> None:
        if type(document) is not dict:
            raise ArangoError(1227)
        change = self._trx.insert(self._collection.name, document, overwrite=self._mode)
        if change.old is None:
            self._tally.created += 1
        elif change.new is None:
            self._tally.ignored += 1
        else:
            self._tally.updated += 1

    def _prefixed(self, document: Any) -> Any:
        if self._collection.kind != EDGE or type(document) is not dict:
            return document
        made = document
        for side, prefix in zip(("_from", "_to"), self._prefixes, strict=True):
            value = made.get(side)
            if prefix and type(value) is str and "/" not in value:
                made = {**made, side: f"{prefix.rstrip('/')}/{value}"}
        return made


def _told(error: ArangoError, document: Any) -> str:
    if isinstance(document, _NoJson):
        return "invalid JSON type (expecting object, probably parse error)"
    if error.error_num == 1227:
        return "invalid JSON type (expecting object)"
    if error.error_num == 1233:
        return "missing '_from' or '_to' attribute"
    return f"creating document failed with error '{error.message}'"


def _documents(body: bytes, kind: str | None) -> list[Any]:
    """The documents of a body, None for an empty line; ArangoError 400, 600."""
    if kind is None:
        return _rows(body)
    if kind == "auto":
        kind = "array" if body.lstrip()[:1] == b"[" else "documents"
    if kind in ("list", "array"):
        documents = decoded(body)
        if type(documents) is not list:
            raise ArangoError(400, "expecting a JSON array in the request")
        return documents
    if kind != "documents":
        raise ArangoError(10, "invalid value for 'type'")
    lines = body.split(b"\n")
    if lines and not lines[-1].strip():
        lines.pop()
    return [_line(line) for line in lines]


class _NoJson(str):
    """A line that is no JSON."""


def _line(line: bytes) -> Any:
    line = line.strip()
    if not line:
        return None
    with contextlib.suppress(orjson.JSONDecodeError):
        return orjson.loads(line)
    try:
        return json.loads(line)
    except ValueError:
        return _NoJson(line.decode("utf-8", "replace"))  # counted as an error


def _rows(body: bytes) -> list[Any]:
    """Documents from a line with the names, then one line with the values of each."""
    lines = [_line(line) for line in body.split(b"\n")]
    while lines and lines[-1] is None:
        lines.pop()
    if not lines or type(lines[0]) is not list:
        raise ArangoError(400, "no JSON array found in second line")
    names = lines[0]
    if not all(type(name) is str for name in names):
        raise ArangoError(400, "no JSON string array found in first line")
    made: list[Any] = []
    for line in lines[1:]:
        fits = type(line) is list and len(line) == len(names)
        made.append(dict(zip(names, line, strict=True)) if fits else line)
    return made
