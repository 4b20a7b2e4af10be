"""How a write makes the new document; neither the old one nor the input is changed."""

from __future__ import annotations

from typing import Any

from arangolab.sandbox import keys
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.store import EDGE, Collection


def new_document(collection: Collection, given: Document) -> Document:
    """A document to insert, with _key, _id, _rev first; ArangoError 1221, 1222, 1227, 1233."""
    key = given.get("_key") if type(given) is dict else None
    if key is not None:
        keys.check_key(key)
        if not collection.key_options["allowUserKeys"]:
            raise ArangoError(1222)
    elif type(given) is dict and "_key" in given:
        raise ArangoError(1221)
    return replaced(collection, key or collection.next_key(), given)


def replaced(collection: Collection, key: str, given: Document) -> Document:
    """The document of that key, all attributes as given; ArangoError 1227, 1233."""
    if type(given) is not dict:
        raise ArangoError(1227)
    made = {"_key": key, "_id": f"{collection.name}/{key}", "_rev": _next_revision(collection)}
    if collection.kind == EDGE:
        _put_ends(made, given)
    for name, value in given.items():
        if name and name not in made:
            made[name] = value
    return made


def merged(
    collection: Collection,
    old: Document,
    patch: Document,
    keep_null: bool = True,
    merge_objects: bool = True,
) -> Document:
    """``old`` with the attributes of ``patch``; ArangoError 1227, 1233."""
    if type(patch) is not dict:
        raise ArangoError(1227)
    made = _merged(old, patch, keep_null, merge_objects)
    made.update(_key=old["_key"], _id=old["_id"], _rev=_next_revision(collection))
    if collection.kind == EDGE and ("_from" in patch or "_to" in patch):
        _put_ends(made, made)
    return made


def _merged(
    old: dict[str, Any], patch: dict[str, Any], keep_null: bool, is_deep: bool
) -> dict[str, Any]:
    made = dict(old)
    for name, value in patch.items():
        if value is None and not keep_null:
            made.pop(name, None)
        elif type(value) is dict:
            before = made.get(name) if is_deep else None
            made[name] = _merged(before if type(before) is dict else {}, value, keep_null, True)
        else:
            made[name] = value
    return made


def _next_revision(collection: Collection) -> str:
    return collection.database.server.revisions.next()


def _put_ends(made: Document, given: Document) -> None:
    for side in ("_from", "_to"):
        if not keys.is_document_id(given.get(side)):
            raise ArangoError(1233)
        made[side] = given[side]
