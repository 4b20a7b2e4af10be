"""One call of the API: the request with all a handler needs, and which handler answers where."""

from __future__ import annotations

import json
from collections.abc import Callable
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
Handler = Callable[..., Any]
T = TypeVar("T")

ROUTES: Final[dict[str, dict[str, Handler]]] = {}
"""Handlers by path and method."""


def route(rule: str) -> Callable[[Handler], Handler]:
    """Make a function the handler of ``rule``, such as "PUT DELETE /_api/document/{}/{}".

    It is given the call and what stands in place of each {}.  A dict that it returns is sent with
    error and code in front, any other value as it is.
    """
    *methods, path = rule.split()

    def enter(handler: Handler) -> Handler:
        ROUTES.setdefault(path, {}).update(dict.fromkeys(methods, handler))
        return handler

    return enter


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
    value = body.get(name) if type(body) is dict else None
    value = default if value is None else value
    if type(value) is not kind:
        raise ArangoError(error_num, f"missing/invalid {name} definition" * (error_num == 10))
    return value


def decoded(body: bytes) -> Any:
    """JSON; ArangoError 600."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        try:
            return json.loads(body, parse_constant=int)  # which NaN is not
        except (ValueError, RecursionError) as error:
            raise ArangoError(600, f"VPackError error: {error}") from None


def plain(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    """A reply that is the value itself, without error and code."""
    return Reply(status, encode(value), headers or {})
