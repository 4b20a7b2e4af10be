"""Who may write what: claims on keys and on values of unique indexes.

A claim is made by the first write and given back when the transaction ends.  Setting a default
in a dict is one step for Python, so two threads never both get one.
"""

from __future__ import annotations

from collections.abc import Hashable

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.indexes import Document, PersistentIndex, conflict
from arangolab.sandbox.view import View


def claim(view: View, key: str, owner: object) -> None:
    """Take a key for writing.

    ArangoError 1200 if another open transaction has it, or a change of it was committed after
    this transaction began.
    """
    collection = view.collection
    if collection.claims.setdefault(key, owner) is not owner:
        raise write_conflict(key)
    versions = collection.recent.get(key)
    if versions and versions[-1][0] > view.begin:
        if key not in view.claimed:
            del collection.claims[key]
        raise write_conflict(key)
    view.claimed[key] = None


def claim_unique(view: View, new: Document, old: Document | None, owner: object) -> None:
    """Take the new values of unique indexes; ArangoError 1210 (taken), 1200 (claimed)."""
    for index in view.collection.indexes:
        if index.unique:
            before = index.entries(old) if old is not None else []
            for entry in index.entries(new):
                if entry not in before:
                    _claim_entry(view, index, entry, new["_key"], owner)


def _claim_entry(
    view: View, index: PersistentIndex, entry: Hashable, key: str, owner: object
) -> None:
    if index.claims.setdefault(entry, owner) is not owner:
        raise write_conflict(key)
    writes, documents = view.writes, view.collection.documents
    rivals = index.find(entry)
    if (index, entry) in view.entries:
        rivals.append(view.entries[index, entry])
    for rival in rivals:
        document = writes[rival] if rival in writes else documents.get(rival)
        if rival != key and document is not None and entry in index.entries(document):
            view.entries.setdefault((index, entry), rival)
            raise conflict(index, rival)
    view.entries[index, entry] = key


def give_back(view: View) -> None:
    """Give all claims back."""
    for key in view.claimed:
        view.collection.claims.pop(key, None)
    for index, entry in view.entries:
        index.claims.pop(entry, None)


def write_conflict(key: str) -> ArangoError:
    """1200 as ArangoDB words it."""
    return ArangoError(
        1200,
        "write-write conflict - in index primary of type primary over '_key'; "
        f"conflicting key: {key}",
    )


def duplicate_key(key: str) -> ArangoError:
    """1210 as ArangoDB words it for the primary index."""
    return ArangoError(
        1210,
        "unique constraint violated - in index primary of type primary over '_key'; "
        f"conflicting key: {key}",
    )
