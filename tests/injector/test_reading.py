"""Replies off a connection: the quick way and the parser's read the same, however they arrive."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import pytest
from geventhttpclient.response import HTTPParseError
from hypothesis import given, settings
from hypothesis import strategies as st

from arangolab.injector.reading import Read, _parsed, plain_head, read_reply
from arangolab.injector.traffic import Traffic


class Pieces:
    """A connection on which these pieces arrive; then it ends."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = [piece for piece in pieces if piece]

    def read(self) -> bytes:
        """The next piece."""
        return self._pieces.pop(0) if self._pieces else b""

    def write(self, data: bytes) -> None:
        """Nothing: only replies matter here."""

    def is_stale(self, idle_s: float) -> bool:
        """Never: it is not idle."""
        return idle_s < 0

    def overdue(self, now_s: float) -> None:
        """Never."""

    def close(self) -> None:
        """Nothing."""


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The data in pieces."""
    at = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[a:b] for a, b in itertools.pairwise(at)]


def read(pieces: list[bytes], method: str = "POST") -> Read:
    """The reply in these pieces."""
    return read_reply(Pieces(pieces), method, Traffic())


def told(found: Read) -> tuple[object, ...]:
    """What a reply says, in comparable form."""
    fields = sorted((name.lower(), str(value)) for name, value in found.fields())
    queue_time = found.queue_time
    text = queue_time.decode() if isinstance(queue_time, bytes) else queue_time
    return found.status, found.content, fields, text, found.keeps


names = st.sampled_from(["Server", "x-arango-queue-time-seconds", "Content-Type", "ETag", "X-Y"])
values = st.text("abcdefXYZ0123456789 .,;=/\"'-", max_size=20).map(str.strip)
bodies = st.binary(max_size=300) | st.just(b'{"error":false}\r\n\r\n')
statuses = st.sampled_from([200, 201, 202, 204, 301, 304, 401, 404, 409, 500, 503])
lengths = st.sampled_from(["content-length", "Content-Length", "CONTENT-LENGTH"])
connections = st.sampled_from([None, "keep-alive", "Keep-Alive", "close", "Close"])
places = st.lists(st.integers(0, 2000), max_size=6)


@settings(deadline=None)
@given(
    statuses,
    st.dictionaries(names, values, max_size=4),
    bodies,
    lengths,
    connections,
    st.booleans(),
    places,
)
def test_both_ways_read_the_same(
    status: int,
    fields: dict[str, str],
    body: bytes,
    length: str,
    connection: str | None,
    chunked: bool,
    at: list[int],
) -> None:
    """Status, body, fields, the queue's time, and whether the connection is kept."""
    lines = [f"HTTP/1.1 {status} Some Words", *(f"{n}: {v}" for n, v in fields.items())]
    if connection is not None:
        lines.append(f"Connection: {connection}")
    if status in (204, 304):
        body, chunked = b"", False
    if chunked:
        lines.append("Transfer-Encoding: chunked")
        sent = b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in cut(body, at)) + b"0\r\n\r\n"
    else:
        lines.append(f"{length}: {len(body)}")
        sent = body
    data = ("\r\n".join(lines) + "\r\n\r\n").encode() + sent
    pieces = cut(data, at)
    by_parser = _parsed(Pieces(pieces[1:]), "POST", Traffic(), pieces[0])
    assert told(read(pieces)) == told(by_parser)
    assert by_parser.content == body


PLAIN = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"


@settings(deadline=None)
@given(st.integers(0, len(PLAIN) - 1), places)
def test_a_reply_that_is_cut_off_is_none(end: int, at: list[int]) -> None:
    """Wherever it ends, in however many pieces it comes."""
    with pytest.raises(ConnectionResetError):
        read(cut(PLAIN[:end], at) if end else [])


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ncontent-length: +5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx: a\r\n b\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\nhello",
        b"HTTP/1.1 100 Continue\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\ncontent-length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nx-content-length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n",
    ],
)
def test_what_is_not_plain_goes_to_the_parser(data: bytes) -> None:
    """Nothing is guessed."""
    assert plain_head(data, "POST") is None


def test_a_reply_without_a_length_ends_with_its_connection() -> None:
    """As HTTP/1.0 servers send them."""
    found = read([b"HTTP/1.1 200 OK\r\nserver: x\r\n\r\nhel", b"lo"])
    assert (found.content, found.keeps) == (b"hello", False)


def test_the_reply_to_a_head_has_no_body() -> None:
    """Whatever length it states."""
    found = read([b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"], "HEAD")
    assert (found.status, found.content, found.keeps) == (200, b"", True)


def test_an_interim_reply_is_passed_over() -> None:
    """The one that counts follows it."""
    found = read([b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN])
    assert (found.status, found.content) == (200, b"hello")


def test_what_comes_after_a_reply_reaches_no_other_request() -> None:
    """The connection is given up."""
    assert not read([PLAIN + b"HTTP/1.1 200 OK\r\n"]).keeps
    assert read([PLAIN]).keeps


def test_what_is_no_http_is_an_error() -> None:
    """Not a reply with strange contents."""
    with pytest.raises(HTTPParseError):
        read([b"SSH-2.0-OpenSSH\r\n\r\n"])


def test_bytes_are_counted_however_they_are_read() -> None:
    """By both ways."""
    for data in (PLAIN, PLAIN.replace(b"1.1", b"1.0")):
        wire = Traffic()
        read_reply(Pieces([data[:20], data[20:]]), "GET", wire)
        assert wire.bytes_received == len(data)
