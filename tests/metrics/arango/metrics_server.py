"""A server that tells metrics, hangs, refuses or goes away, as it is told."""

from __future__ import annotations

import contextlib
import http.server
import threading
import time
from types import TracebackType

METRICS = """# TYPE arangodb_v8_context_max gauge
arangodb_v8_context_max{role="SINGLE"} 4
# TYPE arangodb_v8_context_busy gauge
arangodb_v8_context_busy 2
# TYPE arangodb_v8_context_enter_failures counter
arangodb_v8_context_enter_failures {failures}
# TYPE other_metric gauge
other_metric 1
"""


class MetricsServer:
    """Listens on a port of its own, or on the one given."""

    def __init__(self, port: int = 0) -> None:
        self.status = 200
        self.text: str | None = None
        self.failures = 0
        self.asked: list[str] = []
        self.only: str | None = None
        """The one page there is; None: all."""
        self.drip_s = 0.0
        """Pause after each byte of the body."""
        self.ca_file: str | None = None
        self.authorization: str | None = None
        self.hang = threading.Event()
        self.hang.set()
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                server.authorization = self.headers["Authorization"]
                server.hang.wait(30)
                server.failures += 1
                text = server.text
                if text is None:
                    text = METRICS.replace("{failures}", str(server.failures))
                body = text.encode()
                there = server.only in (None, self.path)
                self.send_response(server.status if there else 404)
                self.send_header("Content-Length", str(len(body)))
                with contextlib.suppress(BrokenPipeError):  # who asked did not wait
                    self.end_headers()
                    if not server.drip_s:
                        self.wfile.write(body)
                    for byte in body if server.drip_s else b"":
                        self.wfile.write(bytes([byte]))
                        time.sleep(server.drip_s)

            def log_message(self, *_: object) -> None:
                pass

        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        self.urls = (f"http://127.0.0.1:{self.port}",)
        self.user = "root"
        self.password = "secret"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def __enter__(self) -> MetricsServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.hang.set()
        self._http.shutdown()
        self._http.server_close()
