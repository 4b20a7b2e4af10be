"""What is done to one document, whoever asks: a request, a graph or a script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.transaction import Overwrite, Transaction, head_of

_OVERWRITES: Final[dict[str, Overwrite]] = {mode: mode for mode in get_args(Overwrite)}


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
        found = trx.by_key(name, key)
        if rev and rev != found["_rev"]:
            raise ArangoError(1200, "conflict, _rev values do not match", details=head_of(found))
        return found
    keep_null, merge_objects = options.get("keepNull", True), options.get("mergeObjects", True)
    how = {"keep_null": keep_null, "merge_objects": merge_objects}
    if method == "POST":
        usual = "replace" if options.get("overwrite") else "conflict"
        mode = options.get("overwriteMode") or usual
        if mode not in _OVERWRITES:
            raise ArangoError(10, f"'{mode}' is not an overwriteMode")
        change = trx.insert(name, body, overwrite=_OVERWRITES[mode], **how)
    elif method == "PATCH":
        change = trx.update(name, key, body, rev=rev, **how)
    elif method == "PUT":
        change = trx.replace(name, key, body, rev=rev)
    else:
        change = trx.remove(name, key, rev=rev)
    new, old = bool(options.get("returnNew")), bool(options.get("returnOld"))
    return change.shown(with_new=new, with_old=old)
