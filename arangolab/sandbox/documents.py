"""What is done to one document, whoever asks: a request, a graph, a query or a script."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from arangolab.sandbox.faults import check
from arangolab.sandbox.indexes import Document, conflict
from arangolab.sandbox.store import Collection
from arangolab.sandbox.transaction import Transaction
from arangolab.sandbox.view import WRITE, head_of

_KEY = re.compile(r"[a-zA-Z0-9_\-:.@()+,=;$!*'%]{1,254}")
_ID = re.compile(r"[^/]+/" + _KEY.pattern)
_MODES = ("conflict", "ignore", "replace", "update")


def is_document_id(value: object) -> bool:
    """Whether value has the form collection/key."""
    return type(value) is str and _ID.fullmatch(value) is not None


def key_of(name: str, selector: Any) -> str:
    """The key in a key, an id of that collection or a document; ArangoError 1205."""
    if type(selector) is dict:
        selector = selector.get("_key") or selector.get("_id")
    collection, slash, key = selector.rpartition("/") if type(selector) is str else ("", "", "")
    check(key and (not slash or collection == name), 1205)
    return key


def operate(
    trx: Transaction, method: str, name: str, selector: Any, body: Any, options: Mapping[str, Any]
) -> Document:
    """GET, POST, PUT, PATCH or DELETE a document; what is told of it.

    Options: rev (what it must have), keepNull, mergeObjects, overwrite, overwriteMode, returnNew,
    returnOld, versionAttribute (only a greater one is written).  ArangoError 1202, 1205, 1210, 1200
    (also of another ``rev``), 1221, 1227, 1233, 10.
    """
    if method == "GET":
        return trx.view(name).by_key(key_of(name, selector), options.get("rev"))
    view, action, new = trx.view(name, WRITE), method, None
    if method == "POST":
        mode = options.get("overwriteMode") or "replace" * bool(options.get("overwrite"))
        check(not mode or mode in _MODES, 10, f"'{mode}' is not an overwriteMode")
        new = _new(view.collection, body)
        view.claim(key := new["_key"])
        if old := view.get(key):
            action = mode or "conflict"
    else:
        view.claim(key := key_of(name, selector))
        old = view.by_key(key, options.get("rev"))
    if action == "conflict":
        raise conflict(key)
    if action == "ignore":
        return _shown(old, None, options)
    by = options.get("versionAttribute")
    if old and by and action != "DELETE" and _is_outdated(body, old, str(by)):
        return _shown(old, old, options)
    if action == "PUT":
        new = _replaced(view.collection, key, body)
    elif action in ("PATCH", "update"):
        check(type(body) is dict, 1227)
        how = options.get("keepNull", True), options.get("mergeObjects", True)
        new = _replaced(view.collection, key, lay_over(dict(old or {}), body, *how))
    view.put(old, new)
    return _shown(old, new, options)


def _shown(old: Document | None, new: Document | None, options: Mapping[str, Any]) -> Document:
    shown = head_of(new or old or {})
    if old and new:
        shown["_oldRev"] = old["_rev"]
    if new and options.get("returnNew"):
        shown["new"] = new
    if old and options.get("returnOld"):
        shown["old"] = old
    return shown


def _is_outdated(body: Any, old: Document, attribute: str) -> bool:
    """Whether a body's version, in that attribute, is not above that of the document."""
    versions: list[Any] = [one.get(attribute) for one in (body, old) if type(one) is dict]
    are_two = [type(version) in (int, float) for version in versions] == [True, True]
    return are_two and 0 <= versions[0] // 1 <= versions[1] // 1


def _new(collection: Collection, given: Document) -> Document:
    """A document to insert, with _key, _id, _rev first; ArangoError 1221, 1222, 1227, 1233."""
    if type(given) is not dict or "_key" not in given:
        return _replaced(collection, collection.next_key(), given)
    key = given["_key"]
    check(type(key) is str and _KEY.fullmatch(key), 1221)
    check(collection.key_options["allowUserKeys"], 1222)
    return _replaced(collection, key, given)


def _replaced(collection: Collection, key: str, given: Document) -> Document:
    """The document of that key, all attributes as given; ArangoError 1227, 1233."""
    check(type(given) is dict, 1227)
    revision = collection.database.server.revision()
    stamp = {"_key": key, "_id": f"{collection.name}/{key}", "_rev": revision}
    made = stamp | given | stamp  # in front, whatever was given
    made.pop("", None)
    if collection.is_edges:
        check(is_document_id(made.get("_from")) and is_document_id(made.get("_to")), 1233)
    return made


def lay_over(made: Document, patch: Document, keep_null: bool, is_deep: bool) -> Document:
    """Change ``made`` by a patch; ``is_deep``: objects in it by objects in the patch."""
    for name, value in patch.items():
        if value is None and not keep_null:
            made.pop(name, None)
        elif type(value) is dict:
            before = made.get(name) if is_deep else None
            fresh = dict(before) if type(before) is dict else {}
            made[name] = lay_over(fresh, value, keep_null, True)
        else:
            made[name] = value
    return made
