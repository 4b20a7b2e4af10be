"""arangosh scripts against the sandbox: a JavaScript context whose requests go over HTTP."""

from __future__ import annotations

import contextlib
import itertools
import json
from pathlib import Path
from typing import Any, NamedTuple

import quickjs
import requests

from arangolab.sandbox.launcher import SandboxProcess

_HERE = Path(__file__).parent
MOST_REQUESTS = 5000
"""After so many a script gets errors: it waits for what never comes."""
_PARTS = ("examples.js", "shell.js", "modules.js")
_SHELL = [(_HERE / name).read_text(encoding="utf-8") for name in _PARTS]


class Reply(NamedTuple):
    """One reply that a script logged."""

    status: int
    headers: dict[str, str]
    """By name in small letters."""
    body: Any
    """As JSON; as text if it is none; None if it is empty."""


class ScriptError(Exception):
    """A script fails before it has logged anything."""


class Played(NamedTuple):
    """What came of a script."""

    replies: list[Reply]
    """Those that it logs; else that to its last logged request."""
    failed: list[str]
    """Its assertions that do not hold."""


class Shell:
    """Runs scripts as root, each in a context of its own, on a server that holds nothing."""

    def __init__(self, sandbox: SandboxProcess) -> None:
        self.url = sandbox.url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = ("root", sandbox.password)
        self._loaded: set[str] = set()
        """Databases with example data."""

    def play(self, script: str) -> Played:
        """The replies that a script logs; ScriptError if it throws before the first."""
        context, thrown = self._context(), ""
        context.eval("__clear()")
        self._loaded.clear()
        try:
            context.eval("(function () {" + script + "\n})()")
        except quickjs.JSException as error:
            thrown = str(error).splitlines()[0]
        said = "{logged: __logged, last: globalThis.__last, failed: __failed}"
        told = json.loads(context.eval(f"JSON.stringify({said})"))
        logged = told["logged"]
        if not logged and thrown:
            raise ScriptError(thrown)
        if not logged and "last" not in told:
            raise ScriptError("it logs nothing")
        return Played([_reply(one) for one in logged or [told["last"]]], told["failed"])

    def load(self, dataset: str, database: str) -> str:
        """Put one of the example data sets into a database, until a script is played.

        ScriptError if there is no such data set.
        """
        if database not in self._loaded:
            use = f"db._createDatabase({database!r}); db._useDatabase({database!r});"
            try:
                self._context().eval(f"{use} __load({dataset!r})")
            except quickjs.JSException as error:
                raise ScriptError(str(error).splitlines()[0]) from None
            self._loaded.add(database)
        return database

    def query(self, database: str, text: str, binds: dict[str, Any]) -> dict[str, Any]:
        """What the cursor API replies to a query."""
        reply = self.session.post(
            f"{self.url}/_db/{database}/_api/cursor",
            json={"query": text, "bindVars": binds},
            timeout=30,
        )
        told: dict[str, Any] = reply.json()
        return told

    def _context(self) -> quickjs.Context:
        context, numbers = quickjs.Context(), itertools.count()

        def answer(*request: str) -> str:
            return self._answer(*request) if next(numbers) < MOST_REQUESTS else "null"

        context.add_callable("__http", answer)
        for source in _SHELL:
            context.eval(source)
        return context

    def _answer(self, method: str, path: str, body: str, headers: str) -> str:
        """The reply to a request of a script, as JSON."""
        reply = self.session.request(
            method, self.url + path, data=body.encode(), headers=json.loads(headers), timeout=30
        )
        told: dict[str, Any] = {"code": reply.status_code, "body": reply.text}
        told["headers"] = {name.lower(): value for name, value in reply.headers.items()}
        with contextlib.suppress(ValueError):
            told["parsedBody"] = reply.json()
        return json.dumps(told)


def _reply(told: dict[str, Any]) -> Reply:
    body = told["parsedBody"] if "parsedBody" in told else told["body"] or None
    return Reply(told["code"], told["headers"], body)
