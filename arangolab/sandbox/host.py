"""What a JavaScript transaction can ask of the database; the other side stands in boot.js."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from arangolab.sandbox import aql
from arangolab.sandbox.burden import Burden
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import decoded, encode
from arangolab.sandbox.operations import key_of, operate
from arangolab.sandbox.transaction import Transaction
from arangolab.sandbox.view import head_of

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
        elif operation in _QUESTIONS:
            answer = _QUESTIONS[operation](self._trx, *given)
        else:
            answer = self._operate(operation, *given)
        return '{"result":' + encode(answer).decode() + "}"

    def _query(self, text: Any, binds: dict[str, Any], options: Options) -> dict[str, Any]:
        if type(text) is not str or not text.strip():
            raise ArangoError(1502)
        with self._burden.query():
            result = aql.execute(self._trx, text, binds, options)
        return {"rows": result.rows, "extra": result.extra}

    def _operate(
        self, method: str, name: str, selector: Any, body: Any, options: Options | None
    ) -> Any:
        """Treat a document; the revision in its selector counts unless ``overwrite`` is asked."""
        options = options or {}
        if method == "POST":
            if type(body) is list:
                return [self._operate(method, name, None, one, options) for one in body]
            return operate(self._trx, method, name, "", body, options)
        if type(selector) is dict and not options.get("overwrite"):
            options = {"rev": selector.get("_rev"), **options}
        return operate(self._trx, method, name, key_of(name, selector), body, options)


def _exists(trx: Transaction, name: str, selector: Any) -> Any:
    found = trx.view(name).get(key_of(name, selector))
    return False if found is None else head_of(found)


_QUESTIONS: Final[dict[str, Callable[..., Any]]] = {
    "all": lambda trx, name: trx.view(name).scan(),
    "byExample": lambda trx, name, example: trx.view(name).by_example(example),
    "count": lambda trx, name: trx.view(name).count(),
    "database": lambda trx: trx.database.name,
    "exists": _exists,
    "has": lambda trx, name: name in trx.database.collections,
    "truncate": Transaction.truncate,
}
"""What else can be asked, by its name in boot.js."""
