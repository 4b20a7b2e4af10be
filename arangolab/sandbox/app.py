"""The sandbox's API: from a request to a reply, whatever goes wrong on the way."""

from __future__ import annotations

import sys
import time
import traceback
from typing import Final
from urllib.parse import unquote

from arangolab.sandbox.auth import Auth
from arangolab.sandbox.call import Call
from arangolab.sandbox.cursors import Cursors, Streams
from arangolab.sandbox.expiry import expire
from arangolab.sandbox.faults import ArangoError, check
from arangolab.sandbox.http import Reply, Request, refusal
from arangolab.sandbox.javascript import Contexts
from arangolab.sandbox.knobs import Burden, Knobs
from arangolab.sandbox.routes import find
from arangolab.sandbox.server import ElasticServer
from arangolab.sandbox.store import Server
from arangolab.sandbox.traffic import Log

_OPEN: Final = (["_open", "auth"], ["_admin", "server", "availability"])
"""What answers without credentials."""
_USERS: Final = ["_api", "user"]
_DEFINITIONS: Final = [["_api", what] for what in ("collection", "index", "gharial", "database")]
"""What only users with "rw" change."""
_NOT_AUTHORIZED: Final = (11, "not authorized to execute this request", 401)


class App:
    """What all calls share."""

    def __init__(self, store: Server, auth: Auth, knobs: Knobs) -> None:
        """SandboxError when the JavaScript engine fails its self-test."""
        self.store, self.auth, self.knobs = store, auth, knobs
        self.contexts = Contexts(knobs.v8_contexts, knobs.v8_wait_s, knobs.js_time_limit_s)
        self.contexts.gave_up = lambda words: self.log.write("WARNING", "v8", words)
        self.burden = Burden(
            knobs, lambda: self.contexts.waiting + max(self.http.workers.backlog, 0)
        )
        store.commit_delay_s = knobs.commit_delay_s
        self.cursors, self.streams, self.log = Cursors(), Streams(), Log()
        self.http: ElasticServer
        """The server in front, set before it listens."""
        self.started_s = time.time()

    def tidy(self) -> None:
        """Let go what is over: cursors, stream transactions, documents of TTL indexes."""
        self.cursors.expire()
        self.streams.expire()
        for database in list(self.store.databases.values()):
            expire(database, time.time())

    def tidy_every(self, seconds: float) -> None:
        """Tidy for ever; for a thread of its own."""
        while True:
            time.sleep(seconds)
            try:
                self.tidy()
            except Exception:
                traceback.print_exc(file=sys.stderr)

    def handle(self, request: Request) -> Reply:
        """Answer; never raises."""
        begun_s = time.perf_counter()
        try:
            reply = self._answer(request)
        except ArangoError as error:
            revision = error.details.get("_rev")
            error.status = 412 if revision else error.status
            reply = refusal(error)
            if revision:
                reply.headers["etag"] = f'"{revision}"'
            if error.status == 401 and "x-omit-www-authenticate" not in request.headers:
                reply.headers["www-authenticate"] = 'Bearer token_type="JWT", realm="ArangoDB"'
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            words = f"internal error: {type(error).__name__}: {error}"
            self.log.write("ERROR", "requests", words)
            reply = refusal(ArangoError(4, words))
        self.store.traffic.add_request(request.queued_s, time.perf_counter() - begun_s)
        return reply

    def _answer(self, request: Request) -> Reply:
        path, name = [unquote(part) for part in request.path.strip("/").split("/")], "_system"
        if path[0] == "_db" and len(path) > 1:
            name, path = path[1], path[2:]
        user = self.auth.authenticate(request.headers.get("authorization", ""))
        check(user or path in _OPEN, *_NOT_AUTHORIZED)
        method = "GET" if request.method == "HEAD" else request.method
        call = Call(self, self.store, request, method, user, self.store.database(name))
        if path not in _OPEN:
            level = self.auth.level(user, name)
            check(level != "none" or path[:3] == [*_USERS, user], *_NOT_AUTHORIZED)
            check(level == "rw" or not _defines(method, path), 11)
        handler, call.status, words = find(self.store.version, method, path)
        is_now = request.headers.get("x-arango-async") not in ("true", "store")
        check(is_now, 9, "x-arango-async is not supported by the arangolab sandbox")
        told = handler(call, *words)
        if type(told) is dict:
            told = {"error": False, "code": call.status, **told}
        if method != "GET" and path[:2] in (*_DEFINITIONS, _USERS) and self.store.disk is not None:
            self.store.disk.write()
        return told if type(told) is Reply else call.plain(told)


def _defines(method: str, path: list[str]) -> bool:
    """Whether a request changes a definition; long paths are those of the items of a graph."""
    is_data = path[3:] == ["truncate"] or len(path) + (method == "POST") > 5
    return method != "GET" and path[:2] in _DEFINITIONS and not is_data
