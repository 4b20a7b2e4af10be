"""What is done to one document, whoever asks: a request, a graph or a script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.transaction import Transaction


def key_of(name: str, selector: Any) -> str:
    """The key in a key, an id of that collection or a document; ArangoError 1205."""
    if type(selector) is dict:
        selector = selector.get("_key") or selector.get("_id")
    collection, slash, key = selector.rpartition("/") if type(selector) is str else ("", "", "")
    if not key or (slash and collection != name):
        raise ArangoError(1205)
    return key


def operate(
    trx: Transaction, method: str, name: str, key: str, body: Any, options: Mapping[str, Any]
) -> Document:
    """GET, POST, PUT, PATCH or DELETE a document; what is told of it.

    Options: rev (what it must have), keepNull, mergeObjects, overwrite, overwriteMode, returnNew,
    returnOld.  ArangoError 1202, 1210, 1200 (also of another ``rev``), 1221, 1227, 1233, 10.
    """
    rev = options.get("rev")
    if method == "GET":
        return trx.view(name).by_key(key, rev)
    keep_null, merge_objects = options.get("keepNull", True), options.get("mergeObjects", True)
    how = {"keep_null": keep_null, "merge_objects": merge_objects}
    if method == "POST":
        usual = "replace" if options.get("overwrite") else "conflict"
        mode = options.get("overwriteMode") or usual
        change = trx.insert(name, body, overwrite=mode, **how)
    elif method == "PATCH":
        change = trx.update(name, key, body, rev=rev, **how)
    elif method == "PUT":
        change = trx.replace(name, key, body, rev=rev)
    else:
        change = trx.remove(name, key, rev=rev)
    return change.shown(options.get("returnNew"), options.get("returnOld"))
