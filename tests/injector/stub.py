"""A tiny stand-in for an ArangoDB that does exactly what a test tells it to."""

from __future__ import annotations

import base64
import contextlib
import json
import ssl
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


class Stub:
    """An HTTP server on a thread, with knobs for what it answers and records of what it got."""

    def __init__(
        self,
        port: int = 0,
        password: str = "",
        token_life_s: float = 3600.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.password = password
        self.token_life_s = token_life_s
        self.has_auth_route = True
        self.delay_s = 0.0
        self.fault: tuple[int, int, str] | None = None
        """(HTTP status, errorNum, errorMessage) of every transaction."""
        self.queue_time: str | None = None
        """What each reply tells of the server's queue."""
        self.cut = 0
        """How many of the next transactions are received and then cut off without a reply."""
        self.requests: Counter[str] = Counter()
        self.connections = 0
        self.keys: list[str] = []
        """Keys read, in order."""
        self.tokens = 0
        self.oldest_token = 0
        self.lock = threading.Lock()
        self._sockets: set[Any] = set()
        handler = type("Handler", (_Handler,), {"stub": self})
        self._server = _Server(("127.0.0.1", port), handler)
        self._server.stub = self
        self.port: int = self._server.server_port
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        if tls is not None:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def __enter__(self) -> Stub:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Close the port and every connection, as a dying server would."""
        self._server.shutdown()
        self._server.server_close()
        self.drop_connections()

    def drop_connections(self) -> None:
        """Close every connection."""
        with self.lock:
            for sock in self._sockets:
                with contextlib.suppress(OSError):
                    sock.shutdown(2)

    def refuse_all_tokens_so_far(self) -> None:
        """As after a restart with another secret."""
        self.oldest_token = self.tokens

    def token(self) -> str:
        """A new token of the configured life."""
        self.tokens += 1
        now = int(time.time())
        claims = {"exp": now + self.token_life_s, "iat": now, "n": self.tokens}
        part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        return f"e30.{part}.signature"


class _Server(ThreadingHTTPServer):
    stub: Stub
    daemon_threads = True
    request_queue_size = 512

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.stub.lock:
            self.stub.connections += 1
            self.stub._sockets.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self.stub.lock:
            self.stub._sockets.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Cut connections are what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    stub: Stub
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.answer()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        route = self.path.split("?")[0].split("/_api/")[-1]
        with self.stub.lock:
            self.stub.requests[route] += 1
        if route == "/_open/auth":
            self.log_in(json.loads(body))
        elif not self.allowed():
            self.reply(401, {"errorNum": 11, "errorMessage": "not authorized to execute"})
        elif route.startswith("user/") or route == "database/user":
            self.reply(200, {"error": False, "result": ["_system"]})
        elif route == "version":
            self.reply(200, {"server": "arango", "license": "stub", "version": "3.12.0"})
        elif route == "collection":
            self.reply(200, {"error": False, "result": []})
        elif route == "gharial":
            self.reply(200, {"error": False, "graphs": []})
        elif route == "cursor":
            self.cursor(json.loads(body))
        elif route == "transaction":
            self.transaction(json.loads(body))
        else:
            self.reply(404, {"errorNum": 404, "errorMessage": f"unknown path {self.path}"})

    def allowed(self) -> bool:
        header = self.headers.get("Authorization", "")
        if header.startswith("Basic "):
            return not self.stub.has_auth_route
        token = header.removeprefix("bearer ")
        try:
            part = token.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        except (IndexError, ValueError):
            return False
        return bool(time.time() < claims["exp"] and claims["n"] > self.stub.oldest_token)

    def log_in(self, said: dict[str, str]) -> None:
        if not self.stub.has_auth_route:
            self.reply(404, {"errorNum": 404, "errorMessage": "unknown path"})
        elif said["password"] != self.stub.password:
            self.reply(401, {"errorNum": 401, "errorMessage": "Wrong credentials"})
        else:
            self.reply(200, {"jwt": self.stub.token()})

    def cursor(self, said: dict[str, Any]) -> None:
        time.sleep(self.stub.delay_s)
        key = said["bindVars"].get("key", "")
        with self.stub.lock:
            self.stub.keys.append(key)
        user = {"_key": key, "_id": f"user/{key}", "echo": said["bindVars"]}
        self.reply(201, {"error": False, "hasMore": False, "result": [user]})

    def transaction(self, said: dict[str, Any]) -> None:
        with self.stub.lock:
            cut, self.stub.cut = self.stub.cut, max(0, self.stub.cut - 1)
        if cut:
            self.close_connection = True
            self.connection.shutdown(2)
            return
        time.sleep(self.stub.delay_s)
        if self.stub.fault is not None:
            status, number, message = self.stub.fault
            self.reply(status, {"errorNum": number, "errorMessage": message})
            return
        number = int(said["params"]["key"].removeprefix("user_"))
        one = {"ms": 1, "writes": 1}
        result = {
            "updateUser": one,
            "updateGroups": {"ms": 2, "writes": number % 10},
            "returnOne": {"ms": 0, "writes": 0},
        }
        self.reply(200, {"error": False, "result": result})

    def reply(self, status: int, said: dict[str, Any]) -> None:
        if status >= 400:
            said = {"code": status, "error": True, **said}
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.stub.queue_time is not None:
            self.send_header("X-Arango-Queue-Time-Seconds", self.stub.queue_time)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
