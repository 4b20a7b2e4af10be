"""arangosh scripts against the sandbox: a JavaScript context whose requests go over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import quickjs
import requests

from arangolab.sandbox.launcher import SandboxProcess

_HERE = Path(__file__).parent
_SHELL = [(_HERE / name).read_text(encoding="utf-8") for name in ("examples.js", "shell.js")]


class Reply(NamedTuple):
    """One reply that a script logged."""

    status: int
    headers: dict[str, str]
    """By name in small letters."""
    body: Any
    """As JSON; as text if it is none; None if it is empty."""


class Shell:
    """Runs scripts as root, each in a context of its own."""

    def __init__(self, sandbox: SandboxProcess) -> None:
        self.url = sandbox.url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = ("root", sandbox.password)

    def play(self, script: str) -> list[Reply]:
        """The replies that a script logs; quickjs.JSException if it throws before the first."""
        requested: list[dict[str, Any]] = []
        context = self._context(requested)
        failed = None
        try:
            context.eval("(function () {" + script + "\n})()")
        except quickjs.JSException as error:
            failed = error
        logged = json.loads(context.eval("JSON.stringify(__logged)")) or requested[-1:]
        if failed is not None and not logged:
            raise failed
        return [
            Reply(reply["code"], reply["headers"], reply["parsedBody"] or reply["body"] or None)
            for reply in logged
        ]

    def load(self, dataset: str, database: str) -> None:
        """Put one of the example data sets into a new database."""
        self._context([]).eval(
            f"db._createDatabase({database!r}); db._useDatabase({database!r}); __load({dataset!r})"
        )

    def query(self, database: str, text: str, binds: dict[str, Any]) -> dict[str, Any]:
        """What the cursor API replies to a query."""
        reply = self.session.post(
            f"{self.url}/_db/{database}/_api/cursor",
            json={"query": text, "bindVars": binds},
            timeout=30,
        )
        told: dict[str, Any] = reply.json()
        return told

    def _context(self, requested: list[dict[str, Any]]) -> quickjs.Context:
        context = quickjs.Context()

        def http(method: str, path: str, body: str, headers: str) -> str:
            reply = self.session.request(
                method, self.url + path, data=body.encode(), headers=json.loads(headers), timeout=30
            )
            requested.append(_told(reply))
            return json.dumps(requested[-1])

        context.add_callable("__http", http)
        for source in _SHELL:
            context.eval(source)
        return context


def _told(reply: requests.Response) -> dict[str, Any]:
    try:
        parsed = reply.json()
    except ValueError:
        parsed = None
    return {
        "code": reply.status_code,
        "headers": {name.lower(): value for name, value in reply.headers.items()},
        "body": reply.text,
        "parsedBody": parsed,
    }
