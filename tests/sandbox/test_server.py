"""The elastic HTTP server: threads grow with busy requests, and HTTP/1.1 is spoken properly."""

from __future__ import annotations

import contextlib
import gzip
import random
import re
import socket
import threading
import zlib
from collections.abc import Callable, Iterator

import pytest

from arangolab.sandbox.http import Reply, Request
from arangolab.sandbox.knobs import Knobs
from arangolab.sandbox.server import ElasticServer
from tests.support import until

Handler = Callable[[Request], Reply]


@contextlib.contextmanager
def served(
    handler: Handler, idle_s: float = 5.0, maximal_threads: int = 128
) -> Iterator[ElasticServer]:
    """A server on a thread of this process."""
    knobs = Knobs(maximal_threads=maximal_threads)
    server = ElasticServer(handler, "127.0.0.1", 0, knobs, idle_s)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(10)
        assert not thread.is_alive()


def echo(request: Request) -> Reply:
    """Replies what it was asked."""
    return Reply(200, f"{request.method} {request.path} ".encode() + request.body)


class Raw:
    """A socket that speaks as it is told."""

    def __init__(self, server: ElasticServer) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        self.file = self.socket.makefile("rb")

    def send(self, text: str) -> None:
        """Send this."""
        self.socket.sendall(text.encode())

    def reply(self, *, head_only: bool = False) -> tuple[int, dict[str, str], bytes]:
        """(status, headers, body) of the next reply."""
        status = int(self.file.readline().split()[1])
        headers = {}
        while line := self.file.readline().decode().strip():
            name, _, value = line.partition(": ")
            headers[name] = value
        length = 0 if head_only else int(headers.get("content-length", 0))
        return status, headers, self.file.read(length)

    def ask(self, text: str) -> tuple[int, dict[str, str], bytes]:
        """Send a request and read the reply."""
        self.send(text)
        return self.reply()

    @property
    def is_closed(self) -> bool:
        """Whether the server has closed the connection."""
        return self.file.read(1) == b""

    def close(self) -> None:
        """Close it."""
        self.file.close()
        self.socket.close()


@pytest.fixture(scope="module")
def server() -> Iterator[ElasticServer]:
    """A server that echoes."""
    with served(echo) as made:
        yield made


@pytest.fixture
def raw(server: ElasticServer) -> Iterator[Raw]:
    """A connection to it."""
    made = Raw(server)
    yield made
    made.close()


# ---- threads


class Gate:
    """A handler whose requests wait until they are let through."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.inside = 0
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Reply:
        """Wait, if asked to."""
        if request.path == "/wait":
            with self._lock:
                self.inside += 1
            self.opened.wait(20)
            with self._lock:
                self.inside -= 1
        return Reply(200, b"{}")


def test_idle_connections_need_no_threads() -> None:
    """200 connections that do nothing leave hardly a worker, and stay open."""
    with served(echo, idle_s=0.1) as server, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(contextlib.closing(Raw(server))) for _ in range(200)]
        for client in clients:
            assert client.ask("GET /a HTTP/1.1\r\n\r\n")[0] == 200
        until(lambda: server.workers.count <= 1)
        assert len(server.connections) == 200


def test_each_busy_request_has_a_thread_and_they_go_again() -> None:
    """N waiting requests hold N workers, up to the maximum; idle ones end."""
    gate = Gate()
    with served(gate, maximal_threads=20, idle_s=0.1) as server, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(contextlib.closing(Raw(server))) for _ in range(30)]
        for client in clients[:10]:
            client.send("GET /wait HTTP/1.1\r\n\r\n")
        until(lambda: gate.inside == 10)
        assert server.workers.count == 10
        for client in clients[10:]:
            client.send("GET /wait HTTP/1.1\r\n\r\n")
        until(lambda: gate.inside == 20 and server.workers.backlog == 10)
        assert server.workers.count == 20
        gate.opened.set()
        assert [client.reply()[0] for client in clients] == [200] * 30
        until(lambda: server.workers.count <= 1)
        assert clients[0].ask("GET /again HTTP/1.1\r\n\r\n")[0] == 200


def test_questions_about_the_server_do_not_queue() -> None:
    """With all threads busy, /_admin/ is answered at once, and other requests wait their turn."""
    gate = Gate()
    with served(gate, maximal_threads=2) as server, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(contextlib.closing(Raw(server))) for _ in range(4)]
        for client in clients[:3]:
            client.send("GET /wait HTTP/1.1\r\n\r\n")
        until(lambda: gate.inside == 2 and server.workers.backlog == 1)
        for _ in range(20):
            assert clients[3].ask("GET /_admin/metrics HTTP/1.1\r\n\r\n")[0] == 200
        until(lambda: server.workers.count == 2)
        assert server.workers.backlog == 1
        gate.opened.set()
        assert [client.reply()[0] for client in clients[:3]] == [200] * 3


def test_no_request_is_lost_when_workers_leave() -> None:
    """Requests that come just when idle workers end are all answered."""
    with served(echo, idle_s=0.001, maximal_threads=4) as server, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(contextlib.closing(Raw(server))) for _ in range(6)]

        def work(client: Raw) -> None:
            done.extend(client.ask(f"GET /{n} HTTP/1.1\r\n\r\n")[0] for n in range(100))

        done: list[int] = []
        threads = [threading.Thread(target=work, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert done == [200] * 600


def test_more_comes_while_a_request_is_answered() -> None:
    """It is answered in its turn; a client that goes meanwhile is forgotten once its is done."""
    gate = Gate()
    with served(gate) as server:
        stays, goes = Raw(server), Raw(server)
        for raw in (stays, goes):
            raw.send("GET /wait HTTP/1.1\r\n\r\n")
        until(lambda: gate.inside == 2)
        stays.send("GET /next HTTP/1.1\r\n\r\n")
        goes.close()
        gate.opened.set()
        assert [stays.reply()[0], stays.reply()[0]] == [200, 200]
        until(lambda: len(server.connections) == 1)
        assert stays.ask("GET /again HTTP/1.1\r\n\r\n")[0] == 200
        stays.close()
        until(lambda: len(server.connections) == 0)


def test_requests_in_pieces_and_in_heaps_are_all_answered() -> None:
    """Eight clients cut and join their requests as chance has it; each gets all its replies."""
    with served(echo) as server:
        wrong: list[str] = []

        def work(seed: int) -> None:
            chance, raw = random.Random(seed), Raw(server)  # noqa: S311
            for number in range(40):
                many = chance.randrange(1, 4)
                names = [f"GET /{seed}-{number}-{i} " for i in range(many)]
                text = "".join(f"{name}HTTP/1.1\r\n\r\n" for name in names)
                cut = chance.randrange(len(text))
                raw.send(text[:cut])
                raw.send(text[cut:])
                if [raw.reply()[2].decode() for _ in names] != names:
                    wrong.append(text)
            raw.close()

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()
        assert wrong == []


def test_a_handler_that_raises_costs_one_connection(capfd: pytest.CaptureFixture[str]) -> None:
    """The connection is closed, others go on."""

    def handler(request: Request) -> Reply:
        if request.path == "/bad":
            raise ValueError("on purpose")
        return Reply(200, b"{}")

    with served(handler) as server:
        bad, good = Raw(server), Raw(server)
        bad.send("GET /bad HTTP/1.1\r\n\r\n")
        assert bad.is_closed
        assert good.ask("GET / HTTP/1.1\r\n\r\n")[0] == 200
        until(lambda: len(server.connections) == 1)
        bad.close()
        good.close()
    assert "on purpose" in capfd.readouterr().err


def test_connections_that_clients_close_are_forgotten() -> None:
    """Neither a closed connection nor one closed mid-request is kept."""
    with served(echo) as server:
        for text in ("", "GET / HT", "POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nabc"):
            client = Raw(server)
            client.send(text)
            client.close()
        until(lambda: len(server.connections) == 0)


# ---- HTTP


def test_keep_alive_and_close(raw: Raw) -> None:
    """A connection serves many requests, until one asks to close."""
    for _ in range(3):
        status, headers, _ = raw.ask("GET /x HTTP/1.1\r\n\r\n")
        assert (status, headers["connection"]) == (200, "Keep-Alive")
    _, headers, _ = raw.ask("GET /x HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert headers["connection"] == "Close"
    assert raw.is_closed


def test_http_1_0(raw: Raw) -> None:
    """HTTP/1.0 closes unless it asks for keep-alive."""
    assert raw.ask("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")[0] == 200
    assert raw.ask("GET /x HTTP/1.0\r\n\r\n")[0] == 200
    assert raw.is_closed


def test_pipelined_requests(raw: Raw) -> None:
    """Requests sent at once are answered in order."""
    raw.send("".join(f"GET /{number} HTTP/1.1\r\n\r\n" for number in range(5)))
    assert [raw.reply()[2] for _ in range(5)] == [f"GET /{n} ".encode() for n in range(5)]


def test_bodies(raw: Raw) -> None:
    """A body comes by its length, in one piece or byte by byte."""
    text = "POST /b HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
    assert raw.ask(text)[2] == b"POST /b abc"
    for character in text:
        raw.send(character)
    assert raw.reply()[2] == b"POST /b abc"
    raw.send(f"POST /b HTTP/1.1\r\nContent-Length: {3 << 20}\r\n\r\n" + "x" * (3 << 20))
    assert len(raw.reply()[2]) == (3 << 20) + len("POST /b ")


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
def test_compressed_bodies(raw: Raw, encoding: str, pack: Callable[[bytes], bytes]) -> None:
    """A client may send a body packed; one that breaks off is refused."""
    packed = pack(b"abc" * 1000)
    head = "POST /b HTTP/1.1\r\nContent-Encoding: {}\r\nContent-Length: {}\r\n\r\n"
    raw.socket.sendall(head.format(encoding, len(packed)).encode() + packed)
    assert raw.reply()[2] == b"POST /b " + b"abc" * 1000
    raw.socket.sendall(head.format(encoding, len(packed) - 3).encode() + packed[:-3])
    assert raw.reply()[0] == 400


def test_head_has_no_body(raw: Raw) -> None:
    """HEAD tells the length a GET would have."""
    raw.send("HEAD /x HTTP/1.1\r\n\r\n")
    status, headers, _ = raw.reply(head_only=True)
    assert (status, headers["content-length"]) == (200, str(len("HEAD /x ")))
    assert raw.ask("GET /y HTTP/1.1\r\n\r\n")[2] == b"GET /y "


def test_expect_continue(raw: Raw) -> None:
    """A client that waits for 100 is told to go on."""
    raw.send("POST /b HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
    assert raw.file.readline() == b"HTTP/1.1 100 Continue\r\n"
    assert raw.file.readline() == b"\r\n"
    raw.send("abc")
    assert raw.reply()[2] == b"POST /b abc"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("NONSENSE\r\n\r\n", 400),
        ("GET / HTTP/2.0\r\n\r\n", 505),
        ("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\nContent-Length: " + "9" * 5000 + "\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy", 400),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx", 415),
        ("POST / HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", 400),
        ("GET / HTTP/1.1\r\nx: " + "y" * 70_000, 431),
        ("GET / HTTP/1.1\r\nx: " + "y" * 70_000 + "\r\n\r\n", 431),
    ],
)
def test_what_cannot_be_read_is_refused(raw: Raw, text: str, status: int) -> None:
    """Nonsense is answered by its status in ArangoDB's envelope, and the connection closed."""
    got, _, body = raw.ask(text)
    assert got == status
    assert b'"error":true' in body
    assert raw.is_closed


def test_every_reply_says_whose_it_is(raw: Raw) -> None:
    """The headers are ArangoDB's, with one that names the sandbox."""
    _, headers, _ = raw.ask("GET /x HTTP/1.1\r\n\r\n")
    assert headers["server"] == "ArangoDB"
    assert headers["x-arangolab-sandbox"] == "1"
    assert re.fullmatch(r"0\.\d{6}", headers["x-arango-queue-time-seconds"])
    assert headers["content-type"] == "application/json"


def test_port_in_use(server: ElasticServer) -> None:
    """A taken port is an OSError at once."""
    with pytest.raises(OSError, match="in use"):
        ElasticServer(echo, "127.0.0.1", server.port, Knobs())
