"""What a JavaScript transaction can ask of the database; the other side stands in boot.js."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from arangolab.sandbox import aql
from arangolab.sandbox.documents import key_of, operate
from arangolab.sandbox.faults import check
from arangolab.sandbox.http import decoded, encode
from arangolab.sandbox.knobs import Burden
from arangolab.sandbox.transaction import Transaction
from arangolab.sandbox.view import head_of


def host(trx: Transaction, burden: Burden) -> Callable[[str, str], str]:
    """A function that answers a script's questions within one transaction, in JSON."""

    def answered(operation: str, arguments: str) -> str:
        with burden.query() if operation == "query" else contextlib.nullcontext():
            answer = _QUESTIONS[operation](trx, *decoded(arguments.encode()))
        return '{"result":' + encode(answer).decode() + "}"

    return answered


def _query(trx: Transaction, text: Any, binds: dict[str, Any], options: dict[str, Any]) -> Any:
    check(type(text) is str and text.strip(), 1502)
    rows, extra = aql.execute(trx, text, binds, options)
    return {"rows": rows, "extra": extra}


def _operate(method: str, trx: Transaction, name: str, which: Any, body: Any, options: Any) -> Any:
    """Treat a document; the revision in ``which`` counts, unless ``overwrite`` is asked."""
    if method == "POST" and type(body) is list:
        return [_operate(method, trx, name, None, one, options) for one in body]
    options = options or {}
    check(type(options) is dict, 10, "options must be an object")
    check(type(which) is not list, 9, "arrays of keys are not supported by the arangolab sandbox")
    if type(which) is dict and not options.get("overwrite"):
        options = {"rev": which.get("_rev"), **options}
    key = "" if method == "POST" else key_of(name, which)
    return operate(trx, method, name, key, body, options)


def _exists(trx: Transaction, name: str, selector: Any) -> Any:
    found = trx.view(name).get(key_of(name, selector))
    return False if found is None else head_of(found)


_QUESTIONS: Final[dict[str, Callable[..., Any]]] = {
    **{name: partial(_operate, name) for name in ("GET", "POST", "PUT", "PATCH", "DELETE")},
    "byExample": lambda trx, name, example: trx.view(name).by_example(example),
    "count": lambda trx, name: trx.view(name).count(),
    "database": lambda trx: trx.database.name,
    "exists": _exists,
    "has": lambda trx, name: name in trx.database.collections,
    "query": _query,
    "truncate": Transaction.truncate,
}
"""What can be asked, by its name in boot.js."""
