"""HTTP/1.1's messages: requests, replies, and what is no request."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

_METHODS: Final = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
_FIRST: Final = re.compile(r"(\S+) (?:[^/ ]+//[^/ ]*)?(\S*) (\S+)")
"""A request's first line: method, target (without the host that proxies name), version."""


class HttpFault(Exception):
    """A request that cannot be read; the connection ends after the reply."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(slots=True)
class Request:
    """One request: path percent-encoded, query decoded, headers by lower-case name."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    keep_alive: bool
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


def parsed(head: bytes) -> Request:
    """A request without its body, of the lines before it; HttpFault."""
    first, *lines = head.decode("latin-1").split("\r\n")
    if not (told := _FIRST.fullmatch(first)):
        raise HttpFault(400, "this is not an HTTP request")
    method, target, version = told.groups()
    if not version.startswith("HTTP/1."):
        raise HttpFault(505, "only HTTP/1.1 is spoken here")
    if method not in _METHODS:
        raise HttpFault(405, f"the method {method[:20]} is not supported")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon or (name == "content-length" and headers.get(name, value) != value):
            raise HttpFault(400, "a header has no colon, or there are two content-lengths")
        headers[name] = value
    connection = headers.get("connection", "").lower()
    keep_alive = "close" not in connection and (version != "HTTP/1.0" or "keep-alive" in connection)
    path, _, query = target.partition("?")
    pairs = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
    return Request(method, path, pairs, headers, keep_alive)
