"""What hostile and broken clients send: never a crash, never a hang, always ArangoDB's errors."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Callable, Iterator

import psutil
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from arangolab.sandbox.launcher import SandboxProcess
from tests.sandbox.client import Client, new_database
from tests.support import until

Make = Callable[..., SandboxProcess]


def port_of(sandbox: SandboxProcess) -> int:
    """Where it listens."""
    return int(sandbox.url.rpartition(":")[2])


def said(sandbox: SandboxProcess, data: bytes) -> bytes:
    """All that is answered to these bytes, sent by a client that then sends no more."""
    with socket.create_connection(("127.0.0.1", port_of(sandbox)), timeout=20) as client:
        with contextlib.suppress(OSError):
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while chunk := client.recv(65536):
                answer += chunk
    return answer


def replies(answer: bytes) -> Iterator[tuple[int, bytes]]:
    """(status, body) of each."""
    while answer:
        head, end, rest = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 "), answer[:200]
        assert end
        status = int(head.split()[1])
        if status == 100:
            answer = rest
            continue
        length = int(head.lower().partition(b"content-length: ")[2].split()[0])
        yield status, rest[:length]
        answer = rest[length:]


def check_shape(status: int, body: bytes) -> None:
    """An error is ArangoDB's envelope, and none is a failure inside the sandbox."""
    if status < 400 or not body:
        return
    told = json.loads(body)
    assert told["error"] is True
    assert told["code"] == status
    assert isinstance(told["errorNum"], int)
    assert "internal error" not in told["errorMessage"], told


# ---- HTTP

GOOD = (
    b"POST /_api/cursor HTTP/1.1\r\nHost: x\r\nAuthorization: Basic cm9vdDo=\r\n"
    b'Content-Length: 20\r\n\r\n{"query":"RETURN 1"}'
)
PIECES = st.sampled_from(
    [
        b"\r\n",
        b"\r\n\r\n",
        b"\n",
        b"\0",
        b" ",
        b":",
        b"Content-Length: 5\r\n",
        b"content-length: 99999999999999\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"5\r\nabcde\r\n",
        b"0\r\n\r\n",
        b"ffffffffffffffff\r\n",
        b"Expect: 100-continue\r\n",
        b"x-arango-queue-time-seconds: 1e999\r\n",
        b"x-arango-trx-id: 1\r\n",
        b"Authorization: Basic ====\r\n",
        b"Authorization: bearer a.b.c\r\n",
        b"GET /_db/%00/_api/version HTTP/1.1\r\n",
        b"GET /_db/_system/_api/document/%ff/%fe?a=%zz HTTP/1.1\r\n",
        b"PUT /_api/collection/\xc3\xa4/properties HTTP/1.1\r\n",
        b"\xff\xfe",
        b"{",
    ]
)


@settings(max_examples=80, deadline=None)
@example(b"\r\n" * 1000)
@example(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 5000 + b"\r\n")
@example(GOOD * 3)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(PIECES, max_size=12).map(b"".join),
        st.builds(
            lambda at, piece: GOOD[:at] + piece + GOOD[at:], st.integers(0, len(GOOD)), PIECES
        ),
        st.builds(
            lambda at, size: GOOD[:at] + GOOD[at + size :],
            st.integers(0, len(GOOD)),
            st.integers(1, 30),
        ),
    )
)
def test_framing(sandbox: SandboxProcess, data: bytes) -> None:
    """Whatever bytes come, the answer is HTTP, an error is ArangoDB's, and the connection ends."""
    for status, body in replies(said(sandbox, data)):
        check_shape(status, body)


# ---- bodies


def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = words(
    "query bindVars options batchSize ttl count name type fields unique sparse collections action "
    "params lockTimeout write read exclusive keyOptions user passwd active extra _key _rev _from "
    "edgeDefinitions orphanCollections grant collection example skip limit waitForSync"
)
BODIES = st.one_of(
    VALUES,
    st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5),
    st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3), max_size=3),
)
ROUTES = st.sampled_from(
    [
        ("POST", "/_api/cursor"),
        ("POST", "/_api/query"),
        ("POST", "/_api/explain"),
        ("POST", "/_api/collection"),
        ("PUT", "/_api/collection/c/properties"),
        ("PUT", "/_api/collection/c/rename"),
        ("POST", "/_api/document/c"),
        ("PUT", "/_api/document/c"),
        ("PATCH", "/_api/document/c"),
        ("DELETE", "/_api/document/c"),
        ("PATCH", "/_api/document/c/a"),
        ("PUT", "/_api/document/c/a"),
        ("PUT", "/_api/document/c?onlyget=true"),
        ("POST", "/_api/import?collection=c"),
        ("POST", "/_api/import?collection=c&type=auto&details=true"),
        ("POST", "/_api/index?collection=c"),
        ("POST", "/_api/gharial"),
        ("POST", "/_api/gharial/g/edge"),
        ("POST", "/_api/gharial/g/vertex/c"),
        ("POST", "/_api/transaction"),
        ("POST", "/_api/transaction/begin"),
        ("PUT", "/_api/simple/by-example"),
        ("PUT", "/_api/simple/all"),
        ("POST", "/_open/auth"),
    ]
)


@pytest.fixture(scope="module")
def fuzzed_client(sandbox: SandboxProcess) -> Client:
    """A database with a collection and a graph."""
    client = new_database(sandbox)
    client.collection("c", {"_key": "a"})
    edges = [{"collection": "e", "from": ["c"], "to": ["c"]}]
    client.good("POST", "/_api/gharial", {"name": "g", "edgeDefinitions": edges})
    return client


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(route=ROUTES, body=BODIES)
def test_json_of_another_kind(fuzzed_client: Client, route: tuple[str, str], body: object) -> None:
    """Valid JSON that is not what the path expects is refused in words."""
    data = json.dumps(body).encode("utf-8", "surrogatepass")
    reply = fuzzed_client.ask(*route, data)
    check_shape(reply.status_code, reply.content)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@example(("POST", "/_api/cursor"), b"[" * 100_000)
@example(("POST", "/_api/document/c"), b'{"a":' * 5000 + b"1" + b"}" * 5000)
@example(("POST", "/_api/document/c"), b'{"a": NaN}')
@example(("POST", "/_api/document/c"), b'{"a": "\xff"}')
@example(("POST", "/_api/document/c"), b'{"a": "\\ud800"}')
@example(("POST", "/_api/document/c"), b'{"a": 1e400}')
@example(("POST", "/_api/document/c"), b'{"a": ' + b"9" * 5000 + b"}")
@given(route=ROUTES, data=st.binary(max_size=60))
def test_bodies_that_are_no_json(
    fuzzed_client: Client, route: tuple[str, str], data: bytes
) -> None:
    """What is no JSON, or not nice JSON, is refused in words or kept."""
    reply = fuzzed_client.ask(*route, data)
    check_shape(reply.status_code, reply.content)


WORDS = st.sampled_from(
    words(
        "FOR x y IN c FILTER SORT LIMIT LET = == != < > RETURN DISTINCT COLLECT INTO WITH COUNT "
        "AGGREGATE INSERT UPDATE REPLACE REMOVE UPSERT OLD NEW 1 2.5 'a' \"b\" @p @@c ( ) [ ] { } "
        ", : . .. [*] [**] ? + - * / % && || ! NOT LIKE =~ ALL ANY NONE null true LENGTH( SUM( "
        "OUTBOUND INBOUND GRAPH 'g' PRUNE SHORTEST_PATH TO OPTIONS x.a x[0] `x` // /* */ \\ ; ä $"
    )
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@example("(" * 5000)
@example("RETURN " + "[" * 3000)
@example("RETURN " + "-" * 3000 + "1")
@example("RETURN " + "1+" * 20_000 + "1")
@example("RETURN '" + "\\" * 1001)
@given(st.one_of(st.lists(WORDS, max_size=14).map(" ".join), st.text(max_size=40)))
def test_aql_text(fuzzed_client: Client, text: str) -> None:
    """Any text is a query, or a refusal with a number of its own."""
    body = {"query": text, "options": {"maxRuntime": 5}}
    reply = fuzzed_client.ask("POST", "/_api/cursor", json.dumps(body).encode())
    check_shape(reply.status_code, reply.content)


# ---- clients that are slow, silent, or many


def test_a_thousand_idle_connections(sandbox: SandboxProcess) -> None:
    """They take a descriptor each, no thread, and nobody else's time; then they are gone."""
    process, client = psutil.Process(sandbox.pid), Client(sandbox)
    client.query("RETURN 1")
    before = process.num_fds()
    idle = [socket.create_connection(("127.0.0.1", port_of(sandbox))) for _ in range(1000)]
    until(lambda: process.num_fds() >= before + 1000)
    threads = process.num_threads()
    assert client.query("RETURN 1") == [1]
    assert process.num_threads() <= threads + 1
    for one in idle:
        one.close()
    until(lambda: process.num_fds() <= before + 2)


@pytest.mark.slow
def test_slow_clients_hold_no_threads(make_sandbox: Make) -> None:
    """With two threads and 50 clients that stop in the middle of a request, others are served."""
    sandbox = make_sandbox(maximal_threads=2)
    slow = []
    for number in range(50):
        one = socket.create_connection(("127.0.0.1", port_of(sandbox)))
        one.sendall(GOOD[: 70 + number])
        slow.append(one)
    assert Client(sandbox).query("RETURN 1") == [1]
    slow[-1].sendall(GOOD[70 + 49 :])
    assert slow[-1].recv(100).startswith(b"HTTP/1.1 201")
    for one in slow:
        one.close()


@pytest.mark.slow
def test_huge_bodies(sandbox: SandboxProcess) -> None:
    """50 MB in one document go in and out; more than the limit is refused before it is read."""
    client = new_database(sandbox)
    client.collection("c")
    text = "x" * 50_000_000
    client.good("POST", "/_api/document/c", {"_key": "big", "text": text})
    assert client.get("/_api/document/c/big")["text"] == text
    answer = said(sandbox, b"POST /_api/document/c HTTP/1.1\r\nContent-Length: 600000000\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")


# ---- JavaScript

FROM_INSIDE = (
    "return (function () { return this })().process",
    "return this.constructor.constructor('return typeof process')()",
    "return Object.getOwnPropertyNames(globalThis).filter(n => /^(std|os|bjson|gc|__.*)$/.test(n))",
    "return require('fs')",
    "return require('os')",
    "return require('child_process')",
    "return require('../internal')",
    "import('os').then(m => m.exec(['true'])); return 1",
    "return require('internal').db._query.constructor('return globalThis.__host')()",
    "return require('@arangodb').db.__proto__.constructor('return __host')()",
    "return require('@arangodb').db.__class__",
    "return require('@arangodb').db._query.__globals__",
    "Error.prepareStackTrace = (e, s) => s; try { require('x') } catch (e) {"
    " return e.stack.map(s => String(s.getFunction && s.getFunction())) }",
    "return arguments.callee.caller",
    "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); return 1",
    "return eval('typeof __arm')",
    "return new Function('return typeof __go')()",
    "return [].constructor.constructor('return this')().require('process')",
    "return {toJSON() { while (true); }}",
    "const a = []; a[0] = a; return a",
    "return (function f() { return f() })()",
    "return 'x'.repeat(2 ** 30)",
    "return new ArrayBuffer(2 ** 31)",
    "return new Array(2 ** 32 - 1).fill(0)",
    "return JSON.stringify(new Array(10 ** 6))",
    "return /(a+)+$/.test('a'.repeat(40) + 'b')",
    "for (let s = 'x'; ; s += s);",
    "throw {errorNum: 'x', errorMessage: {}}",
    "throw {errorNum: 1e300}",
    "throw null",
    "throw Symbol('x')",
    "const e = new Error(); Object.defineProperty(e, 'message', {get() { throw 1 }}); throw e",
    "throw new Proxy({}, {get() { throw 1 }})",
    "}); while (true); (function () {",
)


@pytest.fixture(scope="module")
def limited() -> Iterator[SandboxProcess]:
    """A sandbox whose scripts may run for a quarter of a second."""
    from arangolab.sandbox.launcher import start

    with start(v8_contexts=2, js_time_limit_s=0.25) as sandbox:
        yield sandbox


@pytest.mark.slow
@pytest.mark.parametrize("body", FROM_INSIDE)
def test_a_script_cannot_get_out(limited: SandboxProcess, body: str) -> None:
    """No way to the host, to files or processes, past time or memory; the next script works."""
    client = Client(limited)
    reply = client.script("function () {" + body + "}")
    check_shape(reply.status_code, reply.content)
    assert "process" not in reply.text or reply.status_code != 200
    for word in ("__host", "native code", "<module", "0x"):
        assert word not in reply.text
    assert client.script("function () { return 1 }").json()["result"] == 1
    assert psutil.Process(limited.pid).memory_info().rss < 1_000_000_000
