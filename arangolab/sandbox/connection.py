"""One client's connection: its requests come in, its replies go out.

    connection.receive()             # takes what has come; False once the client sends no more
    request = connection.next()      # None until one is whole; HttpFault for nonsense
    connection.send(reply, request)  # head and body in one piece

Bodies come with Content-Length or chunked.  The framing is one generator that stops wherever it
needs more, so that a slow client holds no thread.
"""

from __future__ import annotations

import http
import socket
import struct
import threading
import time
from collections.abc import Generator
from typing import Final

from arangolab.sandbox.http import HttpFault, Reply, Request, parsed

HEAD_LIMIT_BYTES: Final = 64 << 10
BODY_LIMIT_BYTES: Final = 512 << 20
SILENCE_S: Final = 30
"""How long a client may pause within a request, or leave a reply unread."""
_RECEIVE_BYTES: Final = 256 << 10
_HEX_DIGITS: Final = frozenset(b"0123456789abcdefABCDEF")
_FIXED_HEADERS: Final = (
    "server: ArangoDB\r\n"
    "x-arangolab-sandbox: 1\r\n"
    "x-content-type-options: nosniff\r\n"
    "cache-control: no-cache, no-store, must-revalidate, pre-check=0, post-check=0, max-age=0,"
    " s-maxage=0\r\n"
    "content-security-policy: frame-ancestors 'self'; form-action 'self';\r\n"
    "expires: 0\r\n"
    "pragma: no-cache\r\n"
    "strict-transport-security: max-age=31536000 ; includeSubDomains\r\n"
)
_REASONS: Final = {status.value: status.phrase for status in http.HTTPStatus}

_Steps = Generator[None, None, bytes]
"""Stops while there is too little; ends with what was asked for."""


class Connection:
    """A client's connection; who uses it holds its ``lock``, except for sending."""

    def __init__(self, accepted: socket.socket) -> None:
        self.socket = accepted
        accepted.setblocking(True)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SILENCE_S, 0))
        self.lock = threading.Lock()
        self.ended = False
        """Whether the client sends no more."""
        self._buffer = bytearray()
        self._requests = self._framed()
        self._taken = 0
        """Bytes of the request that is coming in; 0 between requests."""
        self.rest()

    def rest(self) -> None:
        """No worker has it (any more)."""
        self.busy = False
        self.heard_s = time.monotonic()
        """When something came last, or a worker was done."""

    def receive(self) -> bool:
        """Take what has come, without waiting; False at the end.  OSError."""
        try:
            chunk = self.socket.recv(_RECEIVE_BYTES, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        self.ended = not chunk
        self.heard_s = time.monotonic()
        if not self._taken:
            chunk = chunk.lstrip(b"\r\n")
        self._taken += len(chunk)
        self._buffer += chunk
        if len(self._buffer) > HEAD_LIMIT_BYTES + BODY_LIMIT_BYTES:
            raise OSError("more than is answered is sent")
        return not self.ended

    def next(self) -> Request | None:
        """The next request, None until it is whole; HttpFault."""
        request = next(self._requests) if self._taken else None
        if request is not None:
            self._taken = len(self._buffer)
        return request

    @property
    def is_midway(self) -> bool:
        """Whether a request has begun to come, and is not whole."""
        return self._taken > 0

    def _framed(self) -> Generator[Request | None, None, None]:
        while True:
            head = b""
            while not head:
                whole = yield from self._until(b"\r\n\r\n", 431, "the request's header")
                head = whole.lstrip(b"\r\n")
            request = parsed(head)
            chunked, length = _framing(request.headers)
            if "expect" in request.headers:
                self._answer_expectation(request.headers["expect"])
            if chunked:
                request.body = yield from self._chunks()
            elif length:
                request.body = yield from self._take(length)
            yield request

    def _take(self, size: int) -> _Steps:
        while len(self._buffer) < size:
            yield
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _until(self, mark: bytes, status: int, what: str) -> _Steps:
        while (end := self._buffer.find(mark, 0, HEAD_LIMIT_BYTES)) < 0:
            if len(self._buffer) >= HEAD_LIMIT_BYTES:
                raise HttpFault(status, f"{what} is too large")
            yield
        taken = yield from self._take(end + len(mark))
        return taken[:end]

    def _chunks(self) -> _Steps:
        parts: list[bytes] = []
        while size := _chunk_size((yield from self._until(b"\r\n", 400, "a chunk's header"))):
            if self._taken + size > BODY_LIMIT_BYTES:
                raise HttpFault(413, "the request's body is too large")
            part = yield from self._take(size + 2)
            if not part.endswith(b"\r\n"):
                raise HttpFault(400, "a chunk of the body is not as long as announced")
            parts.append(part[:-2])
        while (yield from self._until(b"\r\n", 400, "a trailer")):
            pass
        return b"".join(parts)

    def _answer_expectation(self, expected: str) -> None:
        if expected.lower() != "100-continue":
            raise HttpFault(417, f"the expectation '{expected}' cannot be met")
        if not self._buffer:
            self.socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n", socket.MSG_DONTWAIT)

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


def _framing(headers: dict[str, str]) -> tuple[bool, int]:
    """Whether the body comes in chunks, else its length; HttpFault."""
    encoding, length = headers.get("transfer-encoding", "").lower(), headers.get("content-length")
    if encoding not in ("", "chunked"):
        raise HttpFault(501, f"transfer encoding '{encoding}' is not supported")
    if headers.get("content-encoding", "identity") != "identity":
        raise HttpFault(415, "compressed bodies are not supported by the arangolab sandbox")
    if length is None or encoding:
        if length is not None:
            raise HttpFault(400, "the body has a content-length and comes in chunks")
        return bool(encoding), 0
    if not (length.isascii() and length.isdigit()):
        raise HttpFault(400, "the content-length is not a number")
    if len(length) > 18 or int(length) > BODY_LIMIT_BYTES:
        raise HttpFault(413, "the request's body is too large")
    return False, int(length)


def _chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    if not digits or not _HEX_DIGITS.issuperset(digits):
        raise HttpFault(400, "a chunk of the body has no size")
    return int(digits, 16)
