"""The sandbox's API: from a request to a reply, whatever goes wrong on the way."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from urllib.parse import unquote

from arangolab.sandbox import routes
from arangolab.sandbox.auth import Auth
from arangolab.sandbox.burden import Burden
from arangolab.sandbox.call import Call
from arangolab.sandbox.cursors import Cursors, Streams
from arangolab.sandbox.expiry import expire
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.http import Reply, Request, encode
from arangolab.sandbox.javascript import Contexts
from arangolab.sandbox.knobs import Knobs
from arangolab.sandbox.server import ElasticServer
from arangolab.sandbox.spoken import is_gone
from arangolab.sandbox.store import Server
from arangolab.sandbox.traffic import Log, Traffic

_DEFINITIONS = {("_api", what) for what in ("collection", "index", "gharial", "database")}
"""What only users with "rw" change."""
_KEPT = _DEFINITIONS | {("_api", "user")}
"""What, when it has changed, is to be kept on disk."""
_READS = ("GET", "HEAD")
_NOT_AUTHORIZED = (11, "not authorized to execute this request", 401)


class App:
    """What all calls share."""

    def __init__(self, store: Server, auth: Auth, knobs: Knobs | None = None) -> None:
        """SandboxError when the JavaScript engine fails its self-test."""
        self.knobs = knobs = knobs or Knobs()
        self.store = store
        self.auth = auth
        limit_s = knobs.js_time_limit_s
        self.contexts = Contexts(knobs.v8_contexts, wait_s=knobs.v8_wait_s, cpu_limit_s=limit_s)
        self.contexts.gave_up = lambda words: self.log.write("WARNING", "v8", words)
        self.burden = Burden(knobs, self._waiting)
        store.commit_delay_s = knobs.commit_delay_s
        self.cursors = Cursors(store)
        self.streams = Streams(store)
        self.traffic = Traffic()
        self.log = Log()
        self.http: ElasticServer | None = None
        """The server in front, set when it listens."""
        self.started_s = time.time()

    def _waiting(self) -> int:
        return self.contexts.waiting + (self.http.workers.queue_length if self.http else 0)

    def tidy(self) -> None:
        """Let go what is over: cursors, stream transactions, documents of TTL indexes."""
        self.cursors.expire()
        self.streams.expire()
        for database in list(self.store.databases.values()):
            expire(database, time.time())

    def tidy_every(self, seconds: float, stopped: threading.Event) -> None:
        """Tidy until ``stopped`` is set; for a thread of its own."""
        while not stopped.wait(seconds):
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
            reply = _told(error, request)
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            words = f"internal error: {type(error).__name__}: {error}"
            self.log.write("ERROR", "requests", words)
            reply = _told(ArangoError(4, words), request)
        self.traffic.count(request, time.perf_counter() - begun_s)
        return reply

    def _answer(self, request: Request) -> Reply:
        database, path = _split(request.path)
        user: str | None = "root"
        if self.auth.enabled:
            user = self.auth.authenticate(request.headers.get("authorization", ""))
        route = routes.find(request.method, path)
        if route is not None and is_gone(self.store.version, request.method, path):
            route = None
        call = Call(self, request, user or "", database)
        if route is None or route.path not in routes.OPEN:
            self._allow(call, path)
        if route is None:
            raise ArangoError(404, f"unknown path '/{'/'.join(path)}'")
        if route.path in routes.SYSTEM and database != "_system":
            raise ArangoError(1230)
        if request.headers.get("x-arango-async", "false").lower() not in ("", "false"):
            raise ArangoError(9, "x-arango-async is not supported by the arangolab sandbox")
        reply = routes.answer(call, route)
        if self.store.disk is not None and request.method not in _READS and path[:2] in _KEPT:
            self.store.disk.define()
        return reply

    def _allow(self, call: Call, path: tuple[str, ...]) -> None:
        """ArangoError 1228, 11: no such database, or not the user's to see or to change."""
        if not call.user:
            raise ArangoError(*_NOT_AUTHORIZED)
        self.store.database(call.database_name)
        if self.auth.enabled:
            level = self.auth.level(call.user, call.database_name)
            if level == "none" and path[:3] != ("_api", "user", call.user):
                raise ArangoError(*_NOT_AUTHORIZED)
            if level != "rw" and call.request.method not in _READS and path[:2] in _DEFINITIONS:
                raise ArangoError(11)


def _told(error: ArangoError, request: Request) -> Reply:
    reply = Reply(error.status, encode(error.to_dict()))
    if error.status == 412 and "_rev" in error.details:
        reply.headers["etag"] = f'"{error.details["_rev"]}"'
    if error.status == 401 and "x-omit-www-authenticate" not in request.headers:
        reply.headers["www-authenticate"] = 'Bearer token_type="JWT", realm="ArangoDB"'
    return reply


def _split(path: str) -> tuple[str, tuple[str, ...]]:
    """The database's name and the segments of the path behind it."""
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if parts[0] == "_db" and len(parts) > 1:
        return parts[1], tuple(parts[2:])
    return "_system", tuple(parts)
