"""One client's connection: its requests come in, its replies go out.

connection.receive()             # takes what has come
request = connection.next()      # None until one is whole; HttpFault for nonsense
connection.send(reply, request)  # head and body in one piece
"""

from __future__ import annotations

import http
import math
import socket
import struct
import zlib
from typing import Final

from arangolab.sandbox.http import HttpFault, Reply, Request, parsed

HEAD_LIMIT_BYTES: Final = 64 << 10
BODY_LIMIT_BYTES: Final = 512 << 20
SILENCE_S: Final = 30
"""How long a client may pause within a request, or leave a reply unread."""
_FIXED_HEADERS: Final = (
    "server: ArangoDB\r\nx-arangolab-sandbox: 1\r\nx-content-type-options: nosniff\r\n"
    "cache-control: no-cache, no-store, must-revalidate, pre-check=0, post-check=0, max-age=0,"
    " s-maxage=0\r\nexpires: 0\r\npragma: no-cache\r\n"
    "content-security-policy: frame-ancestors 'self'; form-action 'self';\r\n"
    "strict-transport-security: max-age=31536000 ; includeSubDomains\r\n"
)
_REASONS: Final = {status.value: status.phrase for status in http.HTTPStatus}


class Connection:
    """A client's connection; one thread at a time has it."""

    def __init__(self, accepted: socket.socket) -> None:
        self.socket = accepted
        accepted.setblocking(True)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SILENCE_S, 0))
        self.heard_s = math.inf
        """Since when more is waited for; infinite while a request is answered."""
        self._buffer = bytearray()
        self._begun: Request | None = None
        """A request whose body, of so many bytes, has not come yet."""
        self._length = 0

    @property
    def within(self) -> bool:
        """Whether a request has begun to come in."""
        return bool(self._buffer or self._begun)

    def receive(self) -> bool:
        """Take what has come, without waiting; False if the client sends no more.  OSError."""
        chunk = self.socket.recv(256 << 10, socket.MSG_DONTWAIT)
        self._buffer += chunk
        return bool(chunk)

    def next(self) -> Request | None:
        """The next request, None until it is whole; HttpFault."""
        request = self._begun = self._begun or self._head()
        if request is None or len(self._buffer) < self._length:
            return None
        self._begun = None
        if self._length:
            request.body = _plain(self._taken(self._length), request.headers)
        return request

    def _head(self) -> Request | None:
        while self._buffer.startswith(b"\r\n"):
            del self._buffer[:2]
        end = self._buffer.find(b"\r\n\r\n", 0, HEAD_LIMIT_BYTES)
        if end < 0:
            if len(self._buffer) >= HEAD_LIMIT_BYTES:
                raise HttpFault(431, "the request's header is too large")
            return None
        request = parsed(self._taken(end + 4)[:-4])
        self._length = _length(request.headers)
        if "expect" in request.headers and not self._buffer:
            self.socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n", socket.MSG_DONTWAIT)
        return request

    def _taken(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def send(
        self, reply: Reply, request: Request | None, queue_time_s: float, flags: int = 0
    ) -> None:
        """Answer a request, or (None) nonsense; OSError when the client is gone or reads nothing.

        ``flags``: MSG_DONTWAIT for who must not wait until the client reads.
        """
        keep_alive = request is not None and request.keep_alive
        extra = "".join(f"{name}: {_clean(value)}\r\n" for name, value in reply.headers.items())
        head = (
            f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'Unknown')}\r\n"
            f"content-type: {reply.content_type}\r\n"
            f"connection: {'Keep-Alive' if keep_alive else 'Close'}\r\n"
            f"content-length: {len(reply.body)}\r\n{extra}"
            f"x-arango-queue-time-seconds: {queue_time_s:.6f}\r\n{_FIXED_HEADERS}\r\n"
        ).encode("latin-1", "replace")
        is_head = request is not None and request.method == "HEAD"
        self.socket.sendall(head if is_head else head + reply.body, flags)


def _clean(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")


def _length(headers: dict[str, str]) -> int:
    """How long the body is; HttpFault."""
    if headers.get("transfer-encoding", "identity") != "identity":
        raise HttpFault(501, "transfer-encoding is not supported by the arangolab sandbox")
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise HttpFault(400, "the content-length is not a number")
    if len(length) > 18 or int(length) > BODY_LIMIT_BYTES:
        raise HttpFault(413, "the request's body is too large")
    return int(length)


def _plain(body: bytes, headers: dict[str, str]) -> bytes:
    """The body, unpacked if it came compressed; HttpFault."""
    encoding = headers.get("content-encoding", "identity").lower()
    if encoding == "identity":
        return body
    if encoding not in ("gzip", "deflate"):
        raise HttpFault(415, "only gzip and deflate are understood as content-encoding")
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        plain = unpacking.decompress(body, BODY_LIMIT_BYTES)
    except zlib.error:
        raise HttpFault(400, f"the body is not {encoding}") from None
    if not unpacking.eof:
        raise HttpFault(
            413 if unpacking.unconsumed_tail else 400, "the body ends too late or early"
        )
    return plain
