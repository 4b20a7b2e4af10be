"""What a JavaScript transaction can ask of the database; the other side stands in boot.js."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from arangolab.sandbox import aql
from arangolab.sandbox.documents import key_of, operate
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import decoded, encode
from arangolab.sandbox.knobs import Burden
from arangolab.sandbox.transaction import Transaction
from arangolab.sandbox.view import head_of


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
        elif operation in _QUESTIONS:
            answer = _QUESTIONS[operation](self._trx, *given)
        else:
            answer = _operate(self._trx, operation, *given)
        return '{"result":' + encode(answer).decode() + "}"

    def _query(self, text: Any, binds: dict[str, Any], options: dict[str, Any]) -> Any:
        if type(text) is not str or not text.strip():
            raise ArangoError(1502)
        with self._burden.query():
            result = aql.execute(self._trx, text, binds, options)
        return {"rows": result.rows, "extra": result.extra}


def _operate(
    trx: Transaction, method: str, name: str, selector: Any, body: Any, options: Any
) -> Any:
    """Treat a document; its selector's revision counts, unless ``overwrite`` is asked."""
    if method == "POST" and type(body) is list:
        return [_operate(trx, method, name, None, one, options) for one in body]
    rev = selector.get("_rev") if type(selector) is dict else None
    options = {"rev": rev} | (options or {})
    if options.get("overwrite"):
        options["rev"] = None
    return operate(trx, method, name, selector, body, options)


def _exists(trx: Transaction, name: str, selector: Any) -> Any:
    found = trx.view(name).get(key_of(name, selector))
    return False if found is None else head_of(found)


_QUESTIONS: Final[dict[str, Callable[..., Any]]] = {
    "byExample": lambda trx, name, example: trx.view(name).by_example(example),
    "count": lambda trx, name: trx.view(name).count(),
    "database": lambda trx: trx.database.name,
    "exists": _exists,
    "has": lambda trx, name: name in trx.database.collections,
    "truncate": Transaction.truncate,
}
"""What else can be asked, by its name in boot.js."""
