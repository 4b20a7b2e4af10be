"""One call of the API: the request with all a handler needs, and which handler answers where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from arangolab.sandbox.faults import ArangoError, check
from arangolab.sandbox.http import Reply, Request, decoded, encode
from arangolab.sandbox.spoken import is_gone
from arangolab.sandbox.store import Collection, Database, Server
from arangolab.sandbox.transaction import Transaction

if TYPE_CHECKING:
    from arangolab.sandbox.app import App

Fields = dict[str, Any]
Handler = Callable[..., Any]
T = TypeVar("T")

_ROUTES: Final[dict[str, dict[Any, Any]]] = {}
"""For each method a tree: branches by segments of the path, handlers under None."""


def route(*rules: str) -> Callable[[Handler], Handler]:
    """Make a function the handler of rules such as "PUT DELETE /_api/document/{}/{}".

    It is given the call and what stands in place of each {}.  A dict that it returns is sent with
    error and code in front, a Reply as it is, any other value as JSON.
    """

    def enter(handler: Handler) -> Handler:
        for rule in rules:
            *methods, path = rule.split()
            for method in methods:
                branch = _ROUTES.setdefault(method, {})
                for segment in path[1:].split("/"):
                    branch = branch.setdefault(segment, {})
                branch[None] = handler
        return handler

    return enter


def find(version: str, method: str, path: Sequence[str]) -> tuple[Handler, list[str]]:
    """The handler of a path and its words; ArangoError 404, 405 if the method is another."""
    handler, words = _found(method, path)
    is_known = handler or any(_found(other, path)[0] for other in _ROUTES)
    if not is_known or is_gone(version, method, path):
        raise ArangoError(404, f"unknown path '/{'/'.join(path)}'")
    if handler is None:
        raise ArangoError(405)
    return handler, words


def _found(method: str, path: Sequence[str]) -> tuple[Handler | None, list[str]]:
    branch, words = _ROUTES.get(method, {}), list[str]()
    for segment in path:
        if segment not in branch:
            words.append(segment)
        branch = branch.get(segment) or branch.get("{}", {})
    return branch.get(None), words


@dataclass(slots=True)
class Call:
    """What a handler is given; what it returns is sent with ``status`` and ``headers``."""

    app: App
    request: Request
    method: str
    """GET also for HEAD, whose body is not sent."""
    user: str
    """Who asks; "root" where authentication is off."""
    database_name: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

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
        name = name or self.text("collection")
        check(name, 1204)
        return self.database.collection(name)

    def text(self, name: str, default: str = "") -> str:
        """A parameter of the URL."""
        return self.request.query.get(name, default)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean parameter of the URL as ArangoDB reads it: true, yes, on, y, 1."""
        value = self.request.query.get(name)
        return default if value is None else value.lower() in ("true", "yes", "on", "y", "1")

    def object(self) -> Fields:
        """The body, which must be a JSON object or empty; ArangoError 600, 400."""
        body = decoded(self.request.body) if self.request.body.strip() else {}
        check(type(body) is dict, 400, "expecting a JSON object in the request")
        return body

    def written(self, status: int, collection: Collection | None = None) -> None:
        """Reply with the status if the write is synchronous, else with 202."""
        is_synchronous = self.flag("waitForSync") or (
            collection and collection.options["waitForSync"]
        )
        self.status = status if is_synchronous else 202

    def transaction(self) -> AbstractContextManager[Transaction]:
        """The stream transaction of the header, else one for this call alone."""
        stream_id = self.request.headers.get("x-arango-trx-id")
        if stream_id:
            return self.app.streams.used(stream_id, self.database)
        return Transaction(self.database, declared=False, guard=self.guard)

    @property
    def guard(self) -> Callable[[str, int], None]:
        """What checks each collection a transaction uses."""
        return partial(self.app.auth.allow, self.user, self.database_name)

    def plain(self, value: Any) -> Reply:
        """A reply that is the value itself, without error and code."""
        return Reply(self.status, encode(value), self.headers)


def read(
    body: Fields, name: str, kind: type[T], default: T | None = None, error_num: int = 10
) -> T:
    """A field of a JSON object; ArangoError ``error_num`` if it is missing or of another type.

    A number must not be negative; a text without a default must not be empty.
    """
    value: Any = body.get(name) if type(body) is dict else None
    value = default if value is None else value
    if kind in (int, float):
        is_right = type(value) in (int, kind) and 0 <= value < 1e15
    else:
        is_right = type(value) is kind and (value != "" or default == "")
    check(is_right, error_num, f"missing/invalid {name} definition" * (error_num == 10))
    told: T = value
    return told
