"""One client's connection: its requests come in, its replies go out.

    connection.gather()              # takes what has come; whether a thread can read on
    request = connection.read()      # None when the client has closed; HttpFault for nonsense
    connection.send(reply, request)  # head and body in one piece

Bodies come with Content-Length or chunked.  A client that stays silent in the middle of a
request for ``SILENCE_S`` seconds gets 408, and so does one that sends a body more slowly than
``SLOWEST_BYTES_PER_S`` after that time.
"""

from __future__ import annotations

import http
import re
import socket
import struct
import time
from typing import Final

from arangolab.sandbox.http import HttpFault, Reply, Request, parsed

HEAD_LIMIT_BYTES: Final = 64 << 10
BODY_LIMIT_BYTES: Final = 512 << 20
SILENCE_S: Final = 30
SLOWEST_BYTES_PER_S: Final = 4096
_GATHERED_BYTES: Final = 256 << 10
_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,9})\r\n", re.IGNORECASE)
_BY_THREAD: Final = re.compile(rb"\r\n(?:expect|transfer-encoding):", re.IGNORECASE)
_PATIENCE: Final = re.compile(
    rb"\r\nx-arango-queue-time-seconds:[ \t]*(\d+(?:\.\d*)?|\.\d+)[ \t]*\r\n", re.IGNORECASE
)
_RECEIVE_BYTES: Final = 64 << 10
_TOO_SLOW: Final = "the request did not come within the time limit"
_HEX_DIGITS: Final = b"0123456789abcdefABCDEF"
_FIXED_HEADERS: Final = (
    b"server: ArangoDB\r\n"
    b"x-arangolab-sandbox: 1\r\n"
    b"x-content-type-options: nosniff\r\n"
    b"cache-control: no-cache, no-store, must-revalidate, pre-check=0, post-check=0, max-age=0,"
    b" s-maxage=0\r\n"
    b"content-security-policy: frame-ancestors 'self'; form-action 'self';\r\n"
    b"expires: 0\r\n"
    b"pragma: no-cache\r\n"
    b"strict-transport-security: max-age=31536000 ; includeSubDomains\r\n"
)
_REASONS: Final = {status.value: status.phrase for status in http.HTTPStatus}


class Connection:
    """A client's connection, used by one thread at a time."""

    __slots__ = ("_begun_s", "_buffer", "_taken", "busy", "idle_since_s", "queued_s", "socket")

    def __init__(self, accepted: socket.socket) -> None:
        self.socket = accepted
        accepted.setblocking(True)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        silence = struct.pack("ll", SILENCE_S, 0)
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, silence)
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, silence)
        self._buffer = b""
        self._begun_s = 0.0
        self._taken = 0
        self.busy = False
        """Whether a worker has it."""
        self.idle_since_s = time.monotonic()
        """When it last began to wait for something to come."""
        self.queued_s = 0.0
        """How long the request that comes next waited for a thread."""

    @property
    def has_more(self) -> bool:
        """Whether a pipelined request (or its beginning) has come already."""
        return bool(self._buffer)

    @property
    def is_urgent(self) -> bool:
        """Whether the request asks how the server is; such do not queue behind others."""
        return b"/_admin/" in self._buffer.partition(b"\r\n")[0]

    @property
    def patience_s(self) -> float:
        """How long the request may queue, as its header says; infinite without one."""
        if b"x-arango-queue-time" not in self._buffer[:HEAD_LIMIT_BYTES].lower():
            return float("inf")
        found = _PATIENCE.search(self._buffer[: self._buffer.find(b"\r\n\r\n") + 2])
        return (float(found[1]) if found else 0.0) or float("inf")

    def gather(self) -> bool:
        """Take what has come, without waiting; whether a thread is needed to read on.

        It is for whole requests, for those too large to gather, and at the end.  OSError.
        """
        try:
            chunk = self.socket.recv(_RECEIVE_BYTES, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        if not self._buffer:
            self.idle_since_s = time.monotonic()
        self._buffer = (self._buffer + chunk).lstrip(b"\r\n")
        return not chunk or self.is_whole

    @property
    def is_whole(self) -> bool:
        """Whether a request has come to its end, or so far that a thread reads on."""
        if b"\r\n\r\n" not in self._buffer:
            return len(self._buffer) > HEAD_LIMIT_BYTES
        return not self.missing_bytes or len(self._buffer) > _GATHERED_BYTES

    @property
    def missing_bytes(self) -> int | None:
        """How much of the request is still to come; None where only reading on tells."""
        end = self._buffer.find(b"\r\n\r\n")
        head = self._buffer[: end + 2]
        if end < 0 or _BY_THREAD.search(head):
            return None
        length = _LENGTH.search(head)
        return max(0, int(length[1]) - (len(self._buffer) - end - 4)) if length else 0

    def close(self) -> None:
        """Close it."""
        self.socket.close()

    def read(self) -> Request | None:
        """The next request, None when the client has closed; HttpFault, OSError."""
        self._begun_s, self._taken = time.monotonic(), 0
        end = self._buffer.find(b"\r\n\r\n")
        while end < 0:
            if len(self._buffer) > HEAD_LIMIT_BYTES:
                raise HttpFault(431, "the request's header is too large")
            chunk = self._receive()
            if not chunk:
                return None
            self._buffer = (self._buffer + chunk).lstrip(b"\r\n")
            end = self._buffer.find(b"\r\n\r\n")
        if end > HEAD_LIMIT_BYTES:
            raise HttpFault(431, "the request's header is too large")
        head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
        request = parsed(head)
        self._read_body(request)
        self._buffer = self._buffer.lstrip(b"\r\n")
        return request

    def _receive(self) -> bytes:
        try:
            chunk = self.socket.recv(_RECEIVE_BYTES)
        except BlockingIOError:
            raise HttpFault(408, _TOO_SLOW) from None
        self._check_pace(len(chunk))
        return chunk

    def _check_pace(self, got: int) -> None:
        self._taken += got
        spent_s = time.monotonic() - self._begun_s
        if spent_s > SILENCE_S + self._taken / SLOWEST_BYTES_PER_S:
            raise HttpFault(408, _TOO_SLOW)

    def _read_body(self, request: Request) -> None:
        headers = request.headers
        chunked = headers.get("transfer-encoding", "").lower()
        if chunked not in ("", "chunked"):
            raise HttpFault(501, f"transfer encoding '{chunked}' is not supported")
        if "content-encoding" in headers and headers["content-encoding"] != "identity":
            raise HttpFault(415, "compressed bodies are not supported by the arangolab sandbox")
        if chunked and "content-length" in headers:
            raise HttpFault(400, "the body has a content-length and comes in chunks")
        length = _length(headers.get("content-length", "0"))
        if "expect" in headers:
            self._answer_expectation(headers["expect"])
        if chunked:
            request.body = self._read_chunks()
        elif length:
            request.body = self._take(length)

    def _answer_expectation(self, expected: str) -> None:
        if expected.lower() != "100-continue":
            raise HttpFault(417, "the expectation is not understood")
        if not self._buffer:
            self.socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _take(self, length: int) -> bytes:
        """The next ``length`` bytes."""
        if len(self._buffer) >= length:
            taken, self._buffer = self._buffer[:length], self._buffer[length:]
            return taken
        whole = bytearray(length)
        got = len(self._buffer)
        whole[:got] = self._buffer
        self._buffer = b""
        view = memoryview(whole)
        while got < length:
            try:
                more = self.socket.recv_into(view[got:])
            except BlockingIOError:
                raise HttpFault(408, _TOO_SLOW) from None
            if not more:
                raise HttpFault(400, "the body is shorter than announced")
            self._check_pace(more)
            got += more
        return bytes(whole)

    def _read_chunks(self) -> bytes:
        parts: list[bytes] = []
        total = 0
        while True:
            size = _chunk_size(self._line())
            if not size:
                break
            total += size
            if total > BODY_LIMIT_BYTES:
                raise HttpFault(413, "the request's body is too large")
            parts.append(self._take(size))
            if self._take(2) != b"\r\n":
                raise HttpFault(400, "a chunk of the body is not as long as announced")
        while self._line():
            pass  # trailers
        return b"".join(parts)

    def _line(self) -> bytes:
        while b"\r\n" not in self._buffer:
            if len(self._buffer) > HEAD_LIMIT_BYTES:
                raise HttpFault(400, "a chunk's header is too long")
            chunk = self._receive()
            if not chunk:
                raise HttpFault(400, "the body is shorter than announced")
            self._buffer += chunk
        line, self._buffer = self._buffer.split(b"\r\n", 1)
        return line

    def send(
        self,
        reply: Reply,
        *,
        keep_alive: bool,
        head_only: bool = False,
        queue_time_s: float = 0.0,
        waits: bool = True,
    ) -> None:
        """Send it; OSError when the client is gone, or (without ``waits``) does not read."""
        extra = "".join(f"{name}: {_clean(value)}\r\n" for name, value in reply.headers.items())
        head = (
            f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'Unknown')}\r\n"
            f"content-type: {reply.content_type}\r\n"
            f"connection: {'Keep-Alive' if keep_alive else 'Close'}\r\n"
            f"content-length: {len(reply.body)}\r\n{extra}"
        ).encode("latin-1", "replace")
        body = b"" if head_only else reply.body
        queue_time = b"x-arango-queue-time-seconds: %.6f\r\n" % queue_time_s
        whole = head + queue_time + _FIXED_HEADERS + b"\r\n" + body
        if waits:
            self.socket.sendall(whole)
        elif self.socket.send(whole, socket.MSG_DONTWAIT) < len(whole):
            raise BlockingIOError


def _clean(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")


def _length(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise HttpFault(400, "the content-length is not a number")
    if len(text) > 18 or int(text) > BODY_LIMIT_BYTES:
        raise HttpFault(413, "the request's body is too large")
    return int(text)


def _chunk_size(line: bytes) -> int:
    digits = line.split(b";")[0].strip()
    if not digits or digits.strip(_HEX_DIGITS):
        raise HttpFault(400, "a chunk of the body has no size")
    return int(digits, 16)
