"""One call of the API: the request with all a handler needs to answer it."""

from __future__ import annotations

import json
import re
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

import orjson

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply, Request, encode
from arangolab.sandbox.store import Collection, Database, Server
from arangolab.sandbox.transaction import Transaction

if TYPE_CHECKING:
    from arangolab.sandbox.app import App

Fields = dict[str, Any]
T = TypeVar("T")

_KINDS: Final[dict[type, str]] = {dict: "object", list: "array", str: "string"}
_CLOSED: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\[[^][{}"]*\]|\{[^][{}"]*\}')
_WORDS: Final = {
    "Expecting value": "Expecting digit",
    "Expecting property name": "Expecting '\"' or '}'",
    "Illegal trailing comma before end of object": "Expecting '\"' or '}'",
    "Illegal trailing comma": "Expecting digit",
    "Expecting ':'": "Expecting ':'",
    "Extra data": "Expecting EOF",
    "Unterminated string": "Unfinished string",
    "Invalid \\": "Invalid escape sequence",
    "Invalid control": "Unexpected control character",
}
"""How Python's messages about JSON begin, and what ArangoDB says there."""


@dataclass(slots=True)
class Call:
    """What a handler is given; what it returns is sent with ``status`` and ``headers``."""

    app: App
    request: Request
    user: str
    """Who asks; "root" where authentication is off."""
    database_name: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def method(self) -> str:
        """GET also for HEAD, whose body is not sent."""
        return "GET" if self.request.method == "HEAD" else self.request.method

    @property
    def store(self) -> Server:
        """All databases."""
        return self.app.store

    @property
    def database(self) -> Database:
        """The database of the path; ArangoError 1228."""
        return self.app.store.database(self.database_name)

    def collection(self, name: str = "") -> Collection:
        """The collection of that name, or of ?collection=; ArangoError 1203, 1204."""
        name = name or self.request.query.get("collection", "")
        check(name, 1204)
        return self.database.collection(name)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean parameter of the URL as ArangoDB reads it: true, yes, on, y, 1."""
        value = self.request.query.get(name)
        return default if value is None else value.lower() in ("true", "yes", "on", "y", "1")

    def object(self) -> Fields:
        """The body, which must be a JSON object or empty; ArangoError 600, 400."""
        body = decoded(self.request.body) if self.request.body.strip() else {}
        check(type(body) is dict, 400, "expecting a JSON object in the request")
        return body

    def transaction(self) -> AbstractContextManager[Transaction]:
        """The stream transaction of the header, else one for this call alone."""
        stream_id = self.request.headers.get("x-arango-trx-id")
        if stream_id:
            return self.app.streams.used(stream_id, self.database)
        guard = self.app.auth.guard(self.user, self.database_name)
        return Transaction(self.database, declared=False, guard=guard)


def check(right: object, error_num: int, message: str = "", status: int = 0) -> None:
    """ArangoError unless it is ``right``."""
    if not right:
        raise ArangoError(error_num, message, status)


def read(
    body: Fields, name: str, kind: type[T], default: T | None = None, error_num: int = 10
) -> T:
    """A field of a JSON object; ArangoError ``error_num`` if it is missing or of another type."""
    value = body.get(name)
    if value is None and default is not None:
        return default
    if type(value) is kind:
        return value
    raise ArangoError(
        error_num, f"expecting {_KINDS[kind]} for '{name}'" if error_num == 10 else ""
    )


def decoded(body: bytes) -> Any:
    """JSON; ArangoError 600."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(body, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        said = _worded(error)
    except (ValueError, RecursionError) as error:
        said = str(error)
    raise ArangoError(600, f"VPackError error: {said}")


def _worded(error: json.JSONDecodeError) -> str:
    """What ArangoDB's parser says where Python's says ``error``."""
    before, after = error.doc[: error.pos].rstrip(), error.doc[error.pos :].strip()
    if error.msg.startswith("Expecting ','"):
        brackets = before
        while brackets != (brackets := _CLOSED.sub("", brackets)):
            pass
        return f"Expecting ',' or '{']' if brackets.rfind('[') > brackets.rfind('{') else '}'}'"
    if not after and (before.endswith("{") or error.msg.startswith("Expecting value")):
        return "Expecting item" + {"[": " or ']'", "{": " or '}'"}.get(before[-1:], "")
    return next((said for start, said in _WORDS.items() if error.msg.startswith(start)), error.msg)


def _refuse(constant: str) -> None:
    raise ValueError(f"unexpected {constant}")


def plain(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    """A reply that is the value itself, without error and code."""
    return Reply(status, encode(value), headers or {})
