"""The standard library's threading server, answering every request with one JSON document.

Run as a process; prints its URL; ends when its stdin does.
"""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BODY = json.dumps({"_key": "user_1", "_id": "user/user_1", "_rev": "_abc", "count": 1,
                   "counter": 3, "payload": "lorem ipsum " * 10}).encode()  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    """Reads the body, sends the document in one piece."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def answer(self) -> None:
        """The same for every method."""
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    do_GET = do_POST = answer  # noqa: N815

    def log_message(self, *_: Any) -> None:
        """Nothing."""


class Server(ThreadingHTTPServer):
    """Says nothing of clients that go."""

    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Nothing."""


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()
