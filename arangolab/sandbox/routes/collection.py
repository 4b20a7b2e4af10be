"""Collections and their indexes: made, listed, described, changed, dropped."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Final
from urllib.parse import quote

from arangolab.sandbox.call import Call, Fields, read, route
from arangolab.sandbox.faults import check
from arangolab.sandbox.http import encode
from arangolab.sandbox.store import DOCUMENT, EDGE, Collection
from arangolab.sandbox.view import WRITE

_Part = Callable[[Call, Collection], Fields | None]

_BRIEF: Final = ("id", "name", "status", "type", "isSystem", "globallyUniqueId")


@route("GET POST /_api/collection")
def _collections(call: Call) -> Fields:
    """All collections; a new one."""
    if call.method == "GET":
        found, without = list(call.database.collections.values()), call.flag("excludeSystem")
        level = partial(call.app.auth.level, call.user, call.database.name)
        mine = [one for one in found if level(one.name) != "none"]
        return {"result": [_brief(call, one) for one in mine if not (without and one.is_system)]}
    body = call.object()
    _check_options(body)
    name = read(body, "name", str, error_num=1208)
    kind = EDGE if body.get("type") in (EDGE, str(EDGE), "edge") else DOCUMENT
    return call.database.create_collection(name, kind, **body).describe()


@route("DELETE /_api/collection/{}")
def _drop(call: Call, name: str) -> Fields:
    call.allow(call.collection(name).name, WRITE)
    return {"id": call.database.drop_collection(name, is_system=call.flag("isSystem")).id}


# ---- what pages of a collection do and tell


def _brief(_: Call, collection: Collection) -> Fields:
    return {name: told for name, told in collection.describe().items() if name in _BRIEF}


def _count(call: Call, collection: Collection) -> Fields:
    with call.transaction() as trx:
        return {"count": trx.view(collection.name).count()}


def _figures(call: Call, collection: Collection) -> Fields:
    """Its size, estimated: it lives in memory."""
    count, sample = len(collection.documents), list(collection.documents.values())[:100]
    size = len(encode(sample)) * count // (len(sample) or 1)
    kinds = [index["type"] for index in collection.describe_indexes()]
    told: Fields = {"indexes": {"count": len(kinds), "size": 0}, "documentsSize": size}
    if call.flag("details"):
        each = [{"type": kind, "id": i, "count": count} for i, kind in enumerate(kinds)]
        told["engine"] = {"documents": count, "indexes": each}
    return {"figures": {**told, "cacheInUse": False, "cacheSize": 0, "cacheUsage": 0}}


def _checksum(call: Call, collection: Collection) -> Fields:
    """A number that is the same for the same documents, in whatever order."""
    total, with_data = 0, call.flag("withData")
    left_out = set() if call.flag("withRevisions") else {"_rev"}
    for document in list(collection.documents.values()):
        names = document.keys() if with_data else {"_key", "_rev"}
        parts = [(name, document[name]) for name in sorted(names - left_out)]
        total ^= int.from_bytes(hashlib.blake2b(encode(parts), digest_size=8).digest())
    return {"checksum": str(total)}


def _change(call: Call, collection: Collection) -> None:
    body = call.object()
    _check_options(body)
    for name in ("waitForSync", "cacheEnabled"):
        collection.options[name] = read(body, name, bool, collection.options[name])


def _check_options(body: Fields) -> None:
    for option in ("schema", "computedValues"):
        check(not body.get(option), 9, f"'{option}' is not supported by the arangolab sandbox")
    read(body, "keyOptions", dict, {})


def _rename(call: Call, collection: Collection) -> None:
    name = read(call.object(), "name", str, error_num=1208)
    call.database.rename_collection(collection.name, name)


def _truncate(call: Call, collection: Collection) -> None:
    with call.transaction() as trx:
        trx.truncate(collection.name)


_full: _Part = lambda _, collection: collection.describe()  # noqa: E731
_done: _Part = lambda *_: {"result": True}  # noqa: E731


def _revision(_: Call, collection: Collection) -> Fields:
    """The greatest so far, "0" when nothing was ever written."""
    return {"revision": max([d["_rev"] for d in [*collection.documents.values()]], default="0")}


_PAGES: Final[dict[str, tuple[_Part, ...]]] = {
    "GET ": (_brief,),
    "GET /properties": (_full,),
    "PUT /properties": (_change, _full),
    "GET /count": (_full, _count),
    "GET /figures": (_figures, _full, _count),
    "GET /revision": (_full, _revision),
    "GET /checksum": (_brief, _revision, _checksum),
    "PUT /load": (_brief, _count),
    "PUT /unload": (_brief,),
    "PUT /truncate": (_truncate, _brief),
    "PUT /rename": (_rename, _brief),
    "PUT /loadIndexesIntoMemory": (_done,),
    "PUT /compact": (_brief,),
    "PUT /recalculateCount": (_done, _count),
}


def _page(parts: tuple[_Part, ...], call: Call, name: str) -> Fields:
    collection, told = call.collection(name), Fields()
    call.allow(collection.name, call.method == "PUT")
    page = call.request.path.partition("/_api/collection/")[2]
    if "/" in page:
        call.headers["location"] = f"/_db/{quote(call.database.name)}/_api/collection/{page}"
    for part in parts:
        told |= part(call, collection) or {}
    return told


for _rule, _parts in _PAGES.items():
    route(_rule.replace(" ", " /_api/collection/{}"))(partial(_page, _parts))


# ---- indexes


def _indexed(call: Call, name: str) -> Collection:
    call.allow(name, call.method != "GET")
    return check(call.database.collections.get(name), 1203)


@route("GET POST /_api/index")
def _indexes(call: Call) -> Fields:
    """All indexes of a collection; a new one, 201, unless there is one like it."""
    collection = _indexed(call, call.text("collection"))
    if call.method == "GET":
        found = collection.describe_indexes()
        return {"indexes": found, "identifiers": {one["id"]: one for one in found}}
    made, is_new = collection.ensure_index(call.object())
    call.status = 201 if is_new else 200
    return {**made.describe(collection.name), "isNewlyCreated": is_new}


@route("GET DELETE /_api/index/{}/{}")
def _index(call: Call, name: str, handle: str) -> Fields:
    collection = _indexed(call, name)
    if call.method == "DELETE":
        return {"id": collection.drop_index(handle)}
    return collection.describe_index(handle)
