"""Documents: one, or an array of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from arangolab.sandbox.call import Call, plain
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.host import bare_key
from arangolab.sandbox.http import Reply
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.store import Collection
from arangolab.sandbox.table import route
from arangolab.sandbox.transaction import Change, Overwrite, Transaction, head_of

_OVERWRITES: dict[str, Overwrite] = {mode: mode for mode in get_args(Overwrite)}
Work = Callable[[Transaction, Any], Change]


# ---- reading


@route("GET", "/_api/document/{}/{}")
def read(call: Call) -> Reply:
    """One document; 304 with If-None-Match of its revision, 412 with another If-Match."""
    name, key = call.words
    with call.transaction() as trx:
        found = trx.by_key(name, key)
    headers = call.request.headers
    revision = found["_rev"]
    etag = {"etag": f'"{revision}"'}
    if _unquoted(headers.get("if-none-match")) == revision:
        return Reply(304, b"", etag)
    if_match = _unquoted(headers.get("if-match"))
    if if_match and if_match != revision:
        raise ArangoError(1200, "conflict, _rev values do not match", 412, head_of(found))
    return plain(found, 200, etag)


def _read_many(call: Call, name: str) -> Reply:
    selectors = _array(call)
    found: list[Any] = []
    with call.transaction() as trx:
        for selector in selectors:
            try:
                document = trx.by_key(name, _key_of(name, selector))
                _check_revision(document, _wanted_revision(call, selector))
                found.append(document)
            except ArangoError as error:
                found.append(_item_error(error))
    return plain(found, 200, _error_codes(found))


def _check_revision(document: Document, wanted: str | None) -> None:
    if wanted and wanted != document["_rev"]:
        raise ArangoError(1200, "conflict, _rev values do not match", 412)


# ---- writing


@route("POST", "/_api/document")
def insert_by_query(call: Call) -> Reply:
    """Insert into the collection of ?collection=."""
    return _insert(call, _asked(call))


@route("POST", "/_api/document/{}")
def insert(call: Call) -> Reply:
    """Insert one document or an array of them."""
    return _insert(call, call.words[0])


def _asked(call: Call) -> str:
    name = call.request.query.get("collection")
    if not name:
        raise ArangoError(1204)
    return name


def _insert(call: Call, name: str) -> Reply:
    mode = _overwrite_of(call)
    keep_null = call.request.flag("keepNull", default=True)
    merge = call.request.flag("mergeObjects", default=True)

    def work(trx: Transaction, document: Any) -> Change:
        return trx.insert(name, document, overwrite=mode, keep_null=keep_null, merge_objects=merge)

    body = call.json()
    if type(body) is list:
        return _many(call, name, body, work)
    return _one(call, name, body, work)


def _overwrite_of(call: Call) -> Overwrite:
    asked = call.request.query.get("overwriteMode")
    if asked is None:
        return "replace" if call.request.flag("overwrite") else "conflict"
    mode = _OVERWRITES.get(asked)
    if mode is None:
        raise ArangoError(10, f"'{asked}' is not an overwriteMode")
    return mode


@route("PATCH", "/_api/document/{}/{}")
def update(call: Call) -> Reply:
    """Change some attributes of one document."""
    return _write_one(call, _updating(call, call.words[0]))


@route("PUT", "/_api/document/{}/{}")
def replace(call: Call) -> Reply:
    """Put another document in the place of one."""
    return _write_one(call, _replacing(call, call.words[0]))


@route("DELETE", "/_api/document/{}/{}")
def remove(call: Call) -> Reply:
    """Remove one document."""
    name, key = call.words
    revision = _unquoted(call.request.headers.get("if-match"))
    return _one(call, name, None, lambda trx, _: trx.remove(name, key, rev=revision))


@route("PATCH", "/_api/document/{}")
def update_many(call: Call) -> Reply:
    """Change an array of documents."""
    return _many(call, call.words[0], _array(call), _updating(call, call.words[0]))


@route("PATCH", "/_api/document")
def update_many_by_query(call: Call) -> Reply:
    """Change an array of documents in the collection of ?collection=."""
    name = _asked(call)
    return _many(call, name, _array(call), _updating(call, name))


@route("PUT", "/_api/document/{}")
def replace_many(call: Call) -> Reply:
    """Replace an array of documents, or read them with ?onlyget=true."""
    name = call.words[0]
    if call.request.flag("onlyget"):
        return _read_many(call, name)
    return _many(call, name, _array(call), _replacing(call, name))


@route("DELETE", "/_api/document/{}")
def remove_many(call: Call) -> Reply:
    """Remove an array of documents."""
    name = call.words[0]

    def work(trx: Transaction, selector: Any) -> Change:
        revision = _wanted_revision(call, selector)
        return trx.remove(name, _key_of(name, selector), rev=revision)

    return _many(call, name, _array(call), work, done=200)


def _updating(call: Call, name: str) -> Work:
    keep_null = call.request.flag("keepNull", default=True)
    merge = call.request.flag("mergeObjects", default=True)

    def work(trx: Transaction, patch: Any) -> Change:
        revision = _wanted_revision(call, patch)
        return trx.update(
            name,
            _key_of(name, patch),
            patch,
            rev=revision,
            keep_null=keep_null,
            merge_objects=merge,
        )

    return work


def _replacing(call: Call, name: str) -> Work:
    def work(trx: Transaction, document: Any) -> Change:
        revision = _wanted_revision(call, document)
        return trx.replace(name, _key_of(name, document), document, rev=revision)

    return work


def _write_one(call: Call, work: Work) -> Reply:
    """Apply ``work`` to the body, its key taken from the path."""
    name, key = call.words
    body = call.json()
    if type(body) is not dict:
        raise ArangoError(1227)
    document = {**body, "_key": key}
    if_match = _unquoted(call.request.headers.get("if-match"))
    if if_match:
        document["_rev"] = if_match
    return _one(call, name, document, work)


def _one(call: Call, name: str, document: Any, work: Work) -> Reply:
    try:
        with call.transaction() as trx:
            change = work(trx, document)
    except ArangoError as error:
        if error.error_num == 1200 and "_rev" in error.details:
            error.status = 412
        raise
    if call.request.flag("silent"):
        return plain({}, _done(call, name))
    shown = _shown(call, change)
    location = f"/_db/{call.database_name}/_api/document/{shown['_id']}"
    headers = {"etag": f'"{shown["_rev"]}"', "location": location}
    return plain(shown, _done(call, name), headers)


def _done(call: Call, name: str) -> int:
    """200 for a removal, 201 for a synchronous write, else 202."""
    return (
        200 if call.request.method == "DELETE" else _written(call, call.database.collection(name))
    )


def _written(call: Call, collection: Collection) -> int:
    return 201 if collection.wait_for_sync or call.request.flag("waitForSync") else 202


def _many(call: Call, name: str, items: list[Any], work: Work, *, done: int = 0) -> Reply:
    """Apply ``work`` to each item; those that fail leave their error in the list."""
    shown: list[Any] = []
    with call.transaction() as trx:
        trx.view(name)
        for item in items:
            try:
                shown.append(_shown(call, work(trx, item)))
            except ArangoError as error:
                if error.error_num in (1203, 1652):
                    raise
                shown.append(_item_error(error))
    headers = _error_codes(shown)
    if call.request.flag("silent"):
        shown = [one for one in shown if "error" in one]
    status = _written(call, call.database.collection(name))
    return plain(shown, 202 if headers and done else done or status, headers)


def _shown(call: Call, change: Change) -> Document:
    flag = call.request.flag
    return change.shown(with_new=flag("returnNew"), with_old=flag("returnOld"))


# ---- what both need


def _array(call: Call) -> list[Any]:
    body = call.json()
    if type(body) is not list:
        raise ArangoError(400, "expecting a JSON array in the request")
    return body


def _key_of(name: str, selector: Any) -> str:
    if type(selector) is dict:
        selector = selector.get("_key") or selector.get("_id")
    elif type(selector) is not str:
        raise ArangoError(1227)
    return bare_key(name, selector)


def _wanted_revision(call: Call, selector: Any) -> str | None:
    """The revision a document must have, if the request cares."""
    if type(selector) is not dict or type(selector.get("_rev")) is not str:
        return None
    single = "if-match" in call.request.headers and len(call.words) == 2
    if single or not call.request.flag("ignoreRevs", default=True):
        return str(selector["_rev"])
    return None


def _unquoted(revision: str | None) -> str | None:
    return revision.removeprefix("W/").strip('"') if revision else None


def _item_error(error: ArangoError) -> dict[str, Any]:
    return {"error": True, "errorNum": error.error_num, "errorMessage": error.message}


def _error_codes(shown: list[Any]) -> dict[str, str]:
    """The header that counts errors by number."""
    counts: dict[int, int] = {}
    for one in shown:
        if one.get("error") is True and "errorNum" in one:
            counts[one["errorNum"]] = counts.get(one["errorNum"], 0) + 1
    if not counts:
        return {}
    inside = ",".join(f'"{number}":{count}' for number, count in sorted(counts.items()))
    return {"x-arango-error-codes": "{" + inside + "}"}
