"""A thin client: one database of the sandbox over HTTP."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import requests

from arangolab.sandbox.launcher import SandboxProcess

_NUMBERS = itertools.count(1)


class Client:
    """Requests to one database, as one user, over one connection."""

    def __init__(
        self, sandbox: SandboxProcess, database: str = "_system", user: str = "root"
    ) -> None:
        self.url = sandbox.url
        self.database = database
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = (user, sandbox.password)

    def at(self, database: str) -> Client:
        """The same user in another database."""
        other = copy.copy(self)
        other.database = database
        return other

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        """One request; the body as JSON, or as it is if it is bytes."""
        given = {"data": body} if isinstance(body, bytes) else {"json": body}
        if body is None:
            given = {}
        url = f"{self.url}/_db/{self.database}{path}"
        return self.session.request(method, url, timeout=30, **given, **more)

    def get(self, path: str, **more: Any) -> Any:
        """The reply's JSON."""
        return self.ask("GET", path, **more).json()

    def good(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The reply's JSON; AssertionError if the status is an error's."""
        reply = self.ask(method, path, body, **more)
        assert reply.status_code < 400, reply.text
        return reply.json()

    def refused(
        self, method: str, path: str, body: Any = None, **more: Any
    ) -> tuple[int, int, str]:
        """(status, errorNum, errorMessage) of a request that must fail."""
        reply = self.ask(method, path, body, **more)
        said = reply.json()
        assert said["error"] is True, said
        assert said["code"] == reply.status_code, said
        return reply.status_code, said["errorNum"], said["errorMessage"]

    def query(self, text: str, **binds: Any) -> list[Any]:
        """What a query returns."""
        rows: list[Any] = self.good("POST", "/_api/cursor", {"query": text, "bindVars": binds})[
            "result"
        ]
        return rows

    def collection(self, name: str, *documents: dict[str, Any], kind: int = 2) -> None:
        """Make a collection with these documents."""
        self.good("POST", "/_api/collection", {"name": name, "type": kind})
        if documents:
            self.good("POST", f"/_api/document/{name}", list(documents))

    def script(self, action: str, params: Any = None, **collections: Any) -> requests.Response:
        """Run a JavaScript transaction."""
        body = {"collections": collections, "action": action, "params": params}
        return self.ask("POST", "/_api/transaction", body)


def new_database(sandbox: SandboxProcess) -> Client:
    """A client of a new, empty database."""
    name = f"test{next(_NUMBERS)}"
    Client(sandbox).good("POST", "/_api/database", {"name": name})
    return Client(sandbox, name)
