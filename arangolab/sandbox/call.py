"""One call of the API: the request with all a handler needs, and which handler answers where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from arangolab.sandbox.faults import ArangoError, T, check
from arangolab.sandbox.http import Reply, Request, decoded, encode
from arangolab.sandbox.spoken import is_gone
from arangolab.sandbox.store import Collection, Database, Server
from arangolab.sandbox.transaction import Transaction

if TYPE_CHECKING:
    from arangolab.sandbox.app import App

Fields = dict[str, Any]
Handler = Callable[..., Any]
Found = tuple[Handler, int, list[str]]

_ROUTES: Final[dict[str, dict[Any, Any]]] = {}
"""For each method a tree: branches by segments of the path, handlers under None."""


def route(*rules: str) -> Callable[[Handler], Handler]:
    """Make a function the handler of rules such as "GET DELETE=202 /_api/user/{}".

    It is given the call and what stands in place of each {}.  A dict that it returns is sent with
    error and code in front, a Reply as it is, any other value as JSON; the status is 200, or that
    behind the method.
    """

    def enter(handler: Handler) -> Handler:
        for *methods, path in map(str.split, rules):
            for method, _, status in (word.partition("=") for word in methods):
                branch = _ROUTES.setdefault(method, {})
                for segment in path[1:].split("/"):
                    branch = branch.setdefault(segment, {})
                branch[None] = handler, int(status or 200)
        return handler

    return enter


def find(version: str, method: str, path: Sequence[str]) -> Found:
    """Handler, status and words of a path; ArangoError 404, 405 if the method is another."""
    found = _found(method, path)
    if found and not is_gone(version, method, path):
        return found
    check(found or not any(_found(other, path) for other in _ROUTES), 405)
    raise ArangoError(404, f"unknown path '/{'/'.join(path)}'")


def _found(method: str, path: Sequence[str]) -> Found | None:
    branch, words = _ROUTES.get(method, {}), list[str]()
    for segment in path:
        if segment not in branch:
            words.append(segment)
        branch = branch.get(segment) or branch.get("{}", {})
    return (*branch[None], words) if None in branch else None


@dataclass(slots=True)
class Call:
    """What a handler is given; what it returns is sent with ``status`` and ``headers``."""

    app: App
    store: Server
    request: Request
    method: str
    """GET also for HEAD, whose body is not sent."""
    user: str
    """Who asks; "root" where authentication is off."""
    database: Database
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def collection(self, name: str = "") -> Collection:
        """The collection of that name, or of ?collection=; ArangoError 1203, 1204."""
        return self.database.collection(check(name or self.text("collection"), 1204))

    def text(self, name: str, default: str = "") -> str:
        """A parameter of the URL."""
        return self.request.query.get(name, default)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean parameter of the URL as ArangoDB reads it: true, yes, on, y, 1."""
        return self.text(name, str(default)).lower() in ("true", "yes", "on", "y", "1")

    def object(self) -> Fields:
        """The body, which must be a JSON object or empty; ArangoError 600, 400."""
        body = decoded(self.request.body) if self.request.body.strip() else {}
        check(type(body) is dict, 400, "expecting a JSON object in the request")
        return body

    def allow(self, collection: str, mode: int) -> None:
        """ArangoError 11, 1004 unless the user may use a collection; ``mode`` 0 is reading."""
        level = self.app.auth.level(self.user, self.database.name, collection)
        check(level != "none", 11, "Not permitted to access collection")
        check(level == "rw" or not mode, 1004, "no write access to collection: " + collection)

    def begin(self, **how: Any) -> Transaction:
        """A transaction that may use what the user may."""
        return Transaction(self.database, guard=self.allow, **how)

    def transaction(self) -> AbstractContextManager[Transaction]:
        """The stream transaction of the header, else one for this call alone."""
        if stream_id := self.request.headers.get("x-arango-trx-id"):
            return self.app.streams.used(stream_id, self.database)
        return self.begin(declared=False)

    def written(self, status: int, is_synchronous: bool = False) -> None:
        """Reply with the status if the write is, or is asked to be, synchronous; else with 202."""
        self.status = status if is_synchronous or self.flag("waitForSync") else 202

    def plain(self, value: Any) -> Reply:
        """A reply that is the value itself, without error and code."""
        return Reply(self.status, encode(value), self.headers)


def read(
    body: Fields, name: str, kind: type[T], default: T | None = None, error_num: int = 10
) -> T:
    """A field of a JSON object; ArangoError ``error_num`` if it is missing or of another type.

    A number must not be negative; a text without a default must not be empty.
    """
    found = body.get(name) if type(body) is dict else None
    value: Any = default if found is None else found
    is_right = type(value) is kind and (value != "" or default == "")
    if kind in (int, float):
        is_right = type(value) in (int, kind) and 0 <= value < 1e15
    check(is_right, error_num, f"missing/invalid {name} definition" * (error_num == 10))
    told: T = value
    return told
