"""What a JavaScript transaction can ask of the database; the other side stands in boot.js."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from arangolab.sandbox import aql
from arangolab.sandbox.burden import Burden
from arangolab.sandbox.call import decoded
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import encode
from arangolab.sandbox.transaction import Change, Transaction, head_of

Options = dict[str, Any]


class Host:
    """Answers the script's questions within one transaction."""

    def __init__(self, trx: Transaction, burden: Burden) -> None:
        self._trx = trx
        self._burden = burden

    def __call__(self, operation: str, arguments: str) -> str:
        """The answer as JSON; ArangoError."""
        given = decoded(arguments.encode())
        if operation == "query":
            answer = self._query(*given)
        else:
            answer = _OPERATIONS[operation](self._trx, *given)
        return '{"result":' + encode(answer).decode() + "}"

    def _query(self, text: Any, binds: dict[str, Any], options: Options) -> dict[str, Any]:
        if type(text) is not str or not text.strip():
            raise ArangoError(1502)
        with self._burden.query():
            result = aql.execute(self._trx, text, binds, options)
        return {"rows": result.rows, "extra": {"stats": result.stats, "warnings": result.warnings}}


def bare_key(name: str, key: Any) -> str:
    """The key of a key or of an id in that collection; ArangoError 1205."""
    collection, slash, rest = key.rpartition("/") if type(key) is str else ("", "", "")
    if not rest or (slash and collection != name):
        raise ArangoError(1205)
    return rest


def _exists(trx: Transaction, name: str, key: Any) -> Any:
    found = trx.get(name, bare_key(name, key))
    return False if found is None else head_of(found)


def _insert(trx: Transaction, name: str, document: Any, options: Options) -> Any:
    if type(document) is list:
        return [_insert(trx, name, one, options) for one in document]
    usual: Any = "replace" if options.get("overwrite") else "conflict"
    mode = options.get("overwriteMode") or usual
    return _shown(trx.insert(name, document, overwrite=mode), options)


def _update(trx: Transaction, name: str, key: Any, patch: Any, options: Options) -> Any:
    keep_null, merge_objects = options.get("keepNull", True), options.get("mergeObjects", True)
    key = bare_key(name, key)
    change = trx.update(name, key, patch, keep_null=keep_null, merge_objects=merge_objects)
    return _shown(change, options)


def _shown(change: Change, options: Options) -> dict[str, Any]:
    new, old = bool(options.get("returnNew")), bool(options.get("returnOld"))
    return change.shown(with_new=new, with_old=old)


_OPERATIONS: Final[dict[str, Callable[..., Any]]] = {
    "all": Transaction.scan,
    "byExample": lambda trx, name, example: trx.by_index(name, list(example), [*example.values()]),
    "count": Transaction.count,
    "database": lambda trx: trx.database.name,
    "document": lambda trx, name, key: trx.by_key(name, bare_key(name, key)),
    "exists": _exists,
    "has": lambda trx, name: name in trx.database.collections,
    "insert": _insert,
    "remove": lambda trx, name, key, o: _shown(trx.remove(name, bare_key(name, key)), o),
    "replace": lambda trx, name, key, document, o: _shown(
        trx.replace(name, bare_key(name, key), document), o
    ),
    "truncate": Transaction.truncate,
    "update": _update,
}
"""What can be asked, by its name in boot.js."""
