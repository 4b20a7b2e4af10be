"""What a JavaScript transaction can ask of the database; the other side stands in boot.js."""

from __future__ import annotations

import time
from typing import Any

from arangolab.sandbox import aql
from arangolab.sandbox.burden import Burden
from arangolab.sandbox.call import decoded
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import encode
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.transaction import Change, Overwrite, Transaction, head_of


class Host:
    """Answers the script's questions within one transaction."""

    def __init__(self, trx: Transaction, burden: Burden) -> None:
        self._trx = trx
        self._burden = burden

    def __call__(self, operation: str, arguments: str) -> str:
        """The answer as JSON; ArangoError."""
        answer = getattr(self, f"do_{operation}")
        return '{"result":' + encode(answer(*decoded(arguments.encode()))).decode() + "}"

    def do_query(self, text: str, binds: dict[str, Any], options: dict[str, Any]) -> Any:
        """Run AQL."""
        if type(text) is not str or not text.strip():
            raise ArangoError(1502)
        with self._burden.query():
            result = aql.execute(self._trx, text, binds, options)
        extra = {"stats": result.stats, "warnings": result.warnings}
        return {"rows": result.rows, "extra": extra}

    def do_time(self) -> float:
        """The wall clock in seconds, microseconds included."""
        return time.time()

    def do_database(self) -> str:
        """The database's name."""
        return self._trx.database.name

    def do_has(self, name: str) -> bool:
        """Whether there is a collection of that name."""
        return name in self._trx.database.collections

    def do_type(self, name: str) -> int:
        """2 or 3."""
        return self._trx.database.collection(name).kind

    def do_document(self, name: str, key: Any) -> Document:
        """One document."""
        return self._trx.by_key(name, bare_key(name, key))

    def do_exists(self, name: str, key: Any) -> Any:
        """_id, _key and _rev, or false."""
        found = self._trx.get(name, bare_key(name, key))
        return False if found is None else head_of(found)

    def do_insert(self, name: str, document: Any, options: dict[str, Any]) -> Any:
        """Insert one document, or several."""
        if type(document) is list:
            return [self.do_insert(name, one, options) for one in document]
        mode: Overwrite = options.get("overwriteMode") or (
            "replace" if options.get("overwrite") else "conflict"
        )
        change = self._trx.insert(name, document, overwrite=mode)
        return _shown(change, options)

    def do_update(self, name: str, key: Any, patch: Document, options: dict[str, Any]) -> Any:
        """Change some attributes."""
        change = self._trx.update(
            name,
            bare_key(name, key),
            patch,
            keep_null=options.get("keepNull", True),
            merge_objects=options.get("mergeObjects", True),
        )
        return _shown(change, options)

    def do_replace(self, name: str, key: Any, document: Document, options: dict[str, Any]) -> Any:
        """Put another document in its place."""
        return _shown(self._trx.replace(name, bare_key(name, key), document), options)

    def do_remove(self, name: str, key: Any, options: dict[str, Any]) -> Any:
        """Remove one document."""
        return _shown(self._trx.remove(name, bare_key(name, key)), options)

    def do_truncate(self, name: str) -> int:
        """Remove all documents."""
        return self._trx.truncate(name)

    def do_count(self, name: str) -> int:
        """How many documents there are."""
        return self._trx.count(name)

    def do_all(self, name: str) -> list[Document]:
        """All documents."""
        return self._trx.scan(name)

    def do_byExample(self, name: str, example: dict[str, Any]) -> list[Document]:  # noqa: N802
        """The documents with these values."""
        return self._trx.by_index(name, list(example), list(example.values()))

    def do_edges(self, name: str, vertex: str, direction: Any) -> list[Document]:
        """The edges of a vertex."""
        return self._trx.edges(name, vertex, direction)


def bare_key(name: str, key: Any) -> str:
    """The key of a key or of an id in that collection; ArangoError 1205."""
    if type(key) is not str or not key:
        raise ArangoError(1205)
    collection, slash, rest = key.partition("/")
    if not slash:
        return key
    if collection != name:
        raise ArangoError(1205)
    return rest


def _shown(change: Change, options: dict[str, Any]) -> Document:
    new, old = bool(options.get("returnNew")), bool(options.get("returnOld"))
    return change.shown(with_new=new, with_old=old)
