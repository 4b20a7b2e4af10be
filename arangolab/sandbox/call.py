"""One call of the API: the request with all a handler needs to answer it."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply, Request, encode
from arangolab.sandbox.store import Database, Server
from arangolab.sandbox.transaction import Transaction

if TYPE_CHECKING:
    from arangolab.sandbox.app import App


_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_CLOSED = re.compile(r"\[[^][{}]*\]|\{[^][{}]*\}")
_WORDS = (
    ("Expecting property name", "Expecting '\"' or '}'"),
    ("Illegal trailing comma before end of object", "Expecting '\"' or '}'"),
    ("Illegal trailing comma", "Expecting digit"),
    ("Expecting ':'", "Expecting ':'"),
    ("Extra data", "Expecting EOF"),
    ("Unterminated string", "Unfinished string"),
    ("Invalid \\", "Invalid escape sequence"),
    ("Invalid control", "Unexpected control character"),
)
"""How Python's messages about JSON begin, and what ArangoDB says there."""


@dataclass(slots=True)
class Call:
    """What a handler is given."""

    app: App
    request: Request
    user: str
    """Who asks; "root" where authentication is off."""
    database_name: str
    words: tuple[str, ...] = ()
    """What stands in the path where the route has {}."""

    @property
    def store(self) -> Server:
        """All databases."""
        return self.app.store

    @property
    def database(self) -> Database:
        """The database of the path; ArangoError 1228."""
        return self.app.store.database(self.database_name)

    def json(self) -> Any:
        """The body; ArangoError 600 when it is not JSON."""
        return decoded(self.request.body)

    def object(self) -> dict[str, Any]:
        """The body, which must be a JSON object or empty; ArangoError 600, 400."""
        if not self.request.body.strip():
            return {}
        body = self.json()
        if type(body) is not dict:
            raise ArangoError(400, "expecting a JSON object in the request")
        return body

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """The stream transaction of the header, else one for this call alone."""
        stream_id = self.request.headers.get("x-arango-trx-id")
        if stream_id:
            with self.app.streams.used(stream_id, self.database) as trx:
                yield trx
            return
        guard = self.app.auth.guard(self.user, self.database_name)
        with Transaction(self.database, declared=False, guard=guard) as trx:
            yield trx


def decoded(body: bytes) -> Any:
    """JSON; ArangoError 600."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(body, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise ArangoError(600, f"VPackError error: {_worded(error)}", 400) from None
    except (ValueError, RecursionError) as error:
        raise ArangoError(600, f"VPackError error: {error}", 400) from None


def _worded(error: json.JSONDecodeError) -> str:
    """What ArangoDB's parser says where Python's says ``error``."""
    before, after = error.doc[: error.pos].rstrip(), error.doc[error.pos :].strip()
    if error.msg.startswith("Expecting value"):
        if not after:
            return "Expecting item or ']'" if before.endswith("[") else "Expecting item"
        return "Expecting digit"
    if not after and before.endswith("{"):
        return "Expecting item or '}'"
    if error.msg.startswith("Expecting ','"):
        brackets = _STRING.sub("", before)
        while brackets != (brackets := _CLOSED.sub("", brackets)):
            pass
        closing = "]" if brackets.rfind("[") > brackets.rfind("{") else "}"
        return f"Expecting ',' or '{closing}'"
    return next((said for start, said in _WORDS if error.msg.startswith(start)), error.msg)


def _refuse(constant: str) -> None:
    raise ValueError(f"unexpected {constant}")


def ok(status: int = 200, /, **fields: Any) -> Reply:
    """A reply with error and code before the fields."""
    return Reply(status, encode({"error": False, "code": status, **fields}))


def plain(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    """A reply that is the value itself."""
    return Reply(status, encode(value), headers or {})
