"""A reply off a connection: the plain ones quickly, every other by geventhttpclient's parser.

Plain is what a database sends nearly always: HTTP/1.1, a body of a stated length, the connection
kept.  What is not obviously that (chunks, no length or two, interim replies, folded or strange
fields) goes through the parser (llhttp) from its first byte.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, NamedTuple

from geventhttpclient.response import HTTPParseError, HTTPResponse

from arangolab.injector.line import Line
from arangolab.injector.reply import QUEUE_TIME
from arangolab.injector.traffic import Traffic

_VERSION: Final = b"HTTP/1.1 "
_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"\r\ncontent-length:"
_CONNECTION: Final = b"\r\nconnection:"
_QUEUE_TIME: Final = b"\r\n" + QUEUE_TIME.encode() + b":"
_BODILESS: Final = (204, 304)


class Read(NamedTuple):
    """A reply read to its end."""

    status: int
    content: bytes
    fields: Callable[[], Iterable[Any]]
    """Called for the (name, value) pairs of the header."""
    queue_time: Any
    """The field QUEUE_TIME, if there is one."""
    keeps: bool
    """Whether another request may go over the connection."""


class Head(NamedTuple):
    """The head of a plain reply."""

    status: int
    begins: int
    """Where in the data the body begins."""
    length: int
    """Bytes of the body."""
    text: bytes
    """Status line and fields, in lower case."""


def read_reply(line: Line, method: str, traffic: Traffic) -> Read:
    """The reply to the request that was just written.

    Raises OSError (TimeoutError when it does not come in time), HTTPParseError.
    """
    data = line.read()
    traffic.bytes_received += len(data)
    head = plain_head(data, method)
    if head is None:
        return _parsed(line, method, traffic, data)
    missing = head.begins + head.length - len(data)
    if missing > 0:
        data = _completed(line, traffic, data, missing)
        missing = head.begins + head.length - len(data)
    content = data[head.begins : head.begins + head.length]
    fields = partial(_fields, data[: head.begins])
    return Read(head.status, content, fields, _value(head.text, _QUEUE_TIME, data), missing == 0)


def plain_head(data: bytes, method: str) -> Head | None:
    """The head of a plain reply, as far as ``data`` holds it whole; None: ask the parser."""
    end = data.find(_END)
    if end < 0 or not data.startswith(_VERSION) or method == "HEAD":
        return None
    text = data[:end].lower()
    number, length = data[9:12], _value(text, _LENGTH)
    if length is None or not (length.isdigit() and number.isdigit()) or data[12:13] not in b" \r":
        return None
    status = int(number)
    if status < 200 or status in _BODILESS or text.count(_LENGTH) != 1 or _is_odd(text):
        return None
    return Head(status, end + 4, int(length), text)


def _is_odd(text: bytes) -> bool:
    kept = _value(text, _CONNECTION)
    if kept is not None and kept != b"keep-alive":
        return True
    return (
        b"\r\ntransfer-encoding:" in text
        or b"\r\nupgrade:" in text
        or b"\r\n " in text  # a folded field
        or b"\r\n\t" in text
    )


def _value(text: bytes, name: bytes, sent: bytes | None = None) -> bytes | None:
    """The value of the first field of that name; in ``sent``, as it came, letters included."""
    at = text.find(name)
    if at < 0:
        return None
    begins = at + len(name)
    ends = text.find(b"\r\n", begins)
    return (sent or text)[begins : ends if ends >= 0 else len(text)].strip(b" \t")


def _fields(head: bytes) -> list[tuple[str, str]]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if line)
    return [(name, value.strip(" \t")) for name, _, value in pairs]


def _completed(line: Line, traffic: Traffic, data: bytes, missing: int) -> bytes:
    """The data with what is missing of it."""
    blocks = [data]
    while missing > 0:
        more = line.read()
        if not more:
            raise ConnectionResetError(errno.ECONNRESET, "closed within the reply")
        traffic.bytes_received += len(more)
        blocks.append(more)
        missing -= len(more)
    return b"".join(blocks)


def _parsed(line: Line, method: str, traffic: Traffic, data: bytes) -> Read:
    parsed = HTTPResponse(method)
    while data:
        parsed.feed(data)
        if parsed.message_complete and parsed.status_code >= 200:
            break
        data = line.read()
        traffic.bytes_received += len(data)
    else:
        _end(parsed)
    content, queue_time = bytes(parsed._body_buffer), parsed.get(QUEUE_TIME)
    keeps = not parsed.should_close()
    return Read(parsed.status_code, content, parsed.items, queue_time, keeps)


def _end(parsed: HTTPResponse) -> None:
    """The connection ended: for a reply without a length that is its end, for others too early."""
    if not parsed.headers_complete:
        raise ConnectionResetError(errno.ECONNRESET, "closed before the reply")
    with contextlib.suppress(HTTPParseError):
        parsed.feed(b"")
    if not parsed.message_complete:
        raise ConnectionResetError(errno.ECONNRESET, "closed within the reply")
