"""Documents: their keys and revisions, and how a write makes the new one of the old."""

from __future__ import annotations

import binascii
import itertools
import re
import time
from typing import TYPE_CHECKING, Any

from arangolab.sandbox.faults import check
from arangolab.sandbox.indexes import Document

if TYPE_CHECKING:
    from arangolab.sandbox.store import Collection

_KEY = re.compile(r"[a-zA-Z0-9_\-:.@()+,=;$!*'%]{1,254}")
_ID = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_\-]*/" + _KEY.pattern)
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_IN_ORDER = bytes.maketrans(_LETTERS + b"+/", b"-_" + _LETTERS)


def is_document_id(value: object) -> bool:
    """Whether value has the form collection/key."""
    return type(value) is str and _ID.fullmatch(value) is not None


class Revisions:
    """Gives each write a new, ever greater ``_rev``; safe in many threads."""

    def __init__(self) -> None:
        self._numbers = itertools.count((time.time_ns() // 1_000_000) << 20)

    def next(self) -> str:
        """The next revision, 11 characters as ArangoDB writes them."""
        digits = binascii.b2a_base64(next(self._numbers).to_bytes(9, "big"), newline=False)
        return digits.translate(_IN_ORDER).decode()[1:]


def new_document(collection: Collection, given: Document) -> Document:
    """A document to insert, with _key, _id, _rev first; ArangoError 1221, 1222, 1227, 1233."""
    if type(given) is not dict or "_key" not in given:
        return replaced(collection, collection.next_key(), given)
    key = given["_key"]
    check(type(key) is str and _KEY.fullmatch(key), 1221)
    check(collection.key_options["allowUserKeys"], 1222)
    return replaced(collection, key, given)


def replaced(collection: Collection, key: str, given: Document) -> Document:
    """The document of that key, all attributes as given; ArangoError 1227, 1233."""
    check(type(given) is dict, 1227)
    revision = collection.database.server.revisions.next()
    stamp = {"_key": key, "_id": f"{collection.name}/{key}", "_rev": revision}
    made = stamp | given | stamp  # in front, whatever was given
    made.pop("", None)
    if collection.is_edges:
        check(is_document_id(made.get("_from")) and is_document_id(made.get("_to")), 1233)
    return made


def merged(
    collection: Collection,
    old: Document,
    patch: Document,
    keep_null: bool = True,
    merge_objects: bool = True,
) -> Document:
    """``old`` with the attributes of ``patch``; ArangoError 1227, 1233."""
    check(type(patch) is dict, 1227)
    return replaced(collection, old["_key"], _merged(old, patch, keep_null, merge_objects))


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
