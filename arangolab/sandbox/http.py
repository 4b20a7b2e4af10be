"""HTTP/1.1: requests, replies, and a client's connection, on which they come and go.

connection.receive()             # takes what has come
request = connection.next()      # None until one is whole; ArangoError for nonsense
connection.send(reply, request)  # head and body in one piece
"""

from __future__ import annotations

import contextlib
import http
import json
import math
import re
import socket
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

from arangolab.sandbox.faults import ArangoError, check

HEAD_LIMIT_BYTES: Final = 64 << 10
BODY_LIMIT_BYTES: Final = 512 << 20
SILENCE_S: Final = 30
"""How long a client may leave a reply unread."""
# what Python says of bad JSON, and what ArangoDB says
_VPACK: Final = {"Expecting value": "Expecting digit", "Extra data": "Expecting EOF"}
_VPACK["Expecting property name enclosed in double quotes"] = "Expecting '\"' or '}'"
_FIRST: Final = re.compile(r"(\S+) (?:[^/ ]+//[^/ ]*)?([^\s?]*)\??(\S*) (\S+)")
"""A request's first line: method, path (without the host that proxies name), query, version."""
_FIXED_HEADERS: Final = (
    "server: ArangoDB\r\nx-arangolab-sandbox: 1\r\nx-content-type-options: nosniff\r\n"
    "cache-control: no-cache, no-store, must-revalidate, pre-check=0, post-check=0, max-age=0,"
    " s-maxage=0\r\nexpires: 0\r\npragma: no-cache\r\n"
    "content-security-policy: frame-ancestors 'self'; form-action 'self';\r\n"
    "strict-transport-security: max-age=31536000 ; includeSubDomains\r\n"
)
_REASONS: Final = {status.value: status.phrase for status in http.HTTPStatus}


@dataclass(slots=True)
class Request:
    """One request: path percent-encoded, query decoded, headers by lower-case name."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    keep_alive: bool
    length: int
    """Bytes of its body as it comes."""
    body: bytes = b""
    queued_s: float = 0.0
    """How long it waited for a thread."""


@dataclass(slots=True)
class Reply:
    """One reply."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


def encode(value: Any) -> bytes:
    """A value as JSON; numbers beyond 64 bits and odd strings take the slower way."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value).encode("utf-8", "replace")


def decoded(body: bytes) -> Any:
    """JSON; ArangoError 600."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        try:
            return json.loads(body, parse_constant=int)  # which NaN is not
        except (ValueError, RecursionError) as error:
            said = _VPACK.get(getattr(error, "msg", ""), error)
            raise ArangoError(600, f"VPackError error: {said}") from None


def refusal(error: ArangoError) -> Reply:
    """The reply that tells of an error."""
    return Reply(error.status, encode(error.to_dict()))


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
        """A request whose body has not come yet."""

    def receive(self) -> bool:
        """Take what has come, without waiting; False if the client sends no more.  OSError."""
        chunk = self.socket.recv(256 << 10, socket.MSG_DONTWAIT)
        self._buffer += chunk
        return bool(chunk)

    def next(self) -> Request | None:
        """The next request, None until it is whole; ArangoError, after which nothing is read."""
        request = self._begun = self._begun or self._head()
        if request is None or len(self._buffer) < request.length:
            return None
        self._begun = None
        if request.length:
            request.body = _plain(self._taken(request.length), request.headers)
        return request

    def _head(self) -> Request | None:
        while self._buffer.startswith(b"\r\n"):
            del self._buffer[:2]
        end = self._buffer.find(b"\r\n\r\n", 0, HEAD_LIMIT_BYTES)
        if end < 0:
            is_short = len(self._buffer) < HEAD_LIMIT_BYTES
            check(is_short, 431, "the request's header is too large")
            return None
        request = _parsed(self._taken(end + 4)[:-4])
        if "expect" in request.headers and not self._buffer:
            self.socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n", socket.MSG_DONTWAIT)
        return request

    def _taken(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def send(self, reply: Reply, request: Request | None, queued_s: float, flags: int = 0) -> None:
        """Answer a request, or (None) nonsense; OSError when the client is gone or reads nothing.

        ``flags``: MSG_DONTWAIT for who must not wait until the client reads.
        """
        keep_alive = request is not None and request.keep_alive
        extra = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
        head = (
            f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'Unknown')}\r\n"
            f"content-type: {reply.content_type}\r\n"
            f"connection: {'Keep-Alive' if keep_alive else 'Close'}\r\n"
            f"content-length: {len(reply.body)}\r\n{extra}"
            f"x-arango-queue-time-seconds: {queued_s:.6f}\r\n{_FIXED_HEADERS}\r\n"
        ).encode("latin-1", "replace")
        is_head = request is not None and request.method == "HEAD"
        self.socket.sendall(head if is_head else head + reply.body, flags)


def _parsed(head: bytes) -> Request:
    """A request without its body, of the lines before it."""
    first, *lines = head.decode("latin-1").split("\r\n")
    told = check(_FIRST.fullmatch(first), 400, "this is not an HTTP request")
    method, path, query, version = told.groups()
    check(version.startswith("HTTP/1."), 505, "only HTTP/1.1 is spoken here")
    pairs = [line.partition(":") for line in lines]
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    check(not [line for line in lines if ":" not in line], 400, "a header has no colon")
    coding, length = headers.get("transfer-encoding"), headers.get("content-length", "0")
    check(not coding, 501, "transfer-encoding is not supported by the arangolab sandbox")
    is_one = len(headers) == len(lines) or head.lower().count(b"\ncontent-length:") < 2
    check(is_one and length.isascii() and length.isdigit(), 400, "content-length is not a number")
    is_possible = len(length) < 19 and int(length) <= BODY_LIMIT_BYTES
    check(is_possible, 413, "the request's body is too large")
    wants = headers.get("connection", "").lower()
    keep_alive = "close" not in wants and (version != "HTTP/1.0" or "keep-alive" in wants)
    asked = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
    return Request(method, path, asked, headers, keep_alive, int(length))


def _plain(body: bytes, headers: dict[str, str]) -> bytes:
    """The body, unpacked if it came compressed."""
    coding, plain = headers.get("content-encoding", "identity").lower(), b""
    if coding == "identity":
        return body
    check(coding in ("gzip", "deflate"), 415, f"the content-encoding {coding} is not understood")
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)
    with contextlib.suppress(zlib.error):
        plain = unpacking.decompress(body, BODY_LIMIT_BYTES)
    check(unpacking.eof, 400, f"the body is not {coding}, or not whole, or too large")
    return plain
