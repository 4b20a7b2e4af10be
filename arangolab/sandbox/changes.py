"""How a write makes the new document; neither the old one nor the input is changed."""

from __future__ import annotations

from typing import Any

from arangolab.sandbox import keys
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.store import EDGE, Collection

_SYSTEM = ("_key", "_id", "_rev")
_EDGE = ("_from", "_to")


def new_document(collection: Collection, given: Document) -> Document:
    """A document to insert, with _key, _id, _rev first; ArangoError 1221, 1222, 1227, 1233."""
    if type(given) is not dict:
        raise ArangoError(1227)
    key = given.get("_key")
    if key is None:
        if "_key" in given:
            raise ArangoError(1221)
        key = collection.next_key()
    else:
        keys.check_key(key)
        if not collection.key_options["allowUserKeys"]:
            raise ArangoError(1222)
    made: Document = {
        "_key": key,
        "_id": f"{collection.name}/{key}",
        "_rev": collection.database.server.revisions.next(),
    }
    if collection.kind == EDGE:
        _put_ends(made, given.get("_from"), given.get("_to"))
    for name, value in given.items():
        if name not in made and name:
            made[name] = value
    return made


def replaced(collection: Collection, old: Document, given: Document) -> Document:
    """The document that takes the place of ``old``; ArangoError 1227, 1233."""
    if type(given) is not dict:
        raise ArangoError(1227)
    made = _head(collection, old)
    if collection.kind == EDGE:
        _put_ends(made, given.get("_from"), given.get("_to"))
    for name, value in given.items():
        if name not in made:
            made[name] = value
    return made


def merged(
    collection: Collection, old: Document, patch: Document, keep_null: bool, merge_objects: bool
) -> Document:
    """``old`` with the attributes of ``patch``; ArangoError 1227, 1233."""
    if type(patch) is not dict:
        raise ArangoError(1227)
    made = {**old, "_rev": collection.database.server.revisions.next()}
    for name, value in patch.items():
        if name in _SYSTEM:
            continue
        before = made.get(name)
        if value is None and not keep_null:
            made.pop(name, None)
        elif type(value) is dict:
            base = before if merge_objects and type(before) is dict else {}
            made[name] = _merged_object(base, value, keep_null)
        else:
            made[name] = value
    if collection.kind == EDGE and ("_from" in patch or "_to" in patch):
        _put_ends(made, made.get("_from"), made.get("_to"))
    return made


def _merged_object(old: dict[str, Any], patch: dict[str, Any], keep_null: bool) -> dict[str, Any]:
    made = dict(old)
    for name, value in patch.items():
        if value is None and not keep_null:
            made.pop(name, None)
        elif type(value) is dict:
            before = made.get(name)
            made[name] = _merged_object(before if type(before) is dict else {}, value, keep_null)
        else:
            made[name] = value
    return made


def _head(collection: Collection, old: Document) -> Document:
    return {
        "_key": old["_key"],
        "_id": old["_id"],
        "_rev": collection.database.server.revisions.next(),
    }


def _put_ends(made: Document, source: object, target: object) -> None:
    if not keys.is_document_id(source) or not keys.is_document_id(target):
        raise ArangoError(1233)
    made["_from"] = source
    made["_to"] = target
