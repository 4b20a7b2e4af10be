"""The knobs: each makes one resource give out, for a real reason that the metrics tell of."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import fields

import psutil
import pytest
import requests

from arangolab.errors import InputError
from arangolab.sandbox.knobs import Knobs, as_options, option
from arangolab.sandbox.launcher import SandboxProcess
from tests.sandbox.client import Client
from tests.support import until

slow = pytest.mark.slow
Make = Callable[..., SandboxProcess]


def metric(client: Client, name: str) -> float:
    """One of /_admin/metrics."""
    for line in client.ask("GET", "/_admin/metrics").text.splitlines():
        if line.startswith(f"arangodb_{name}{{"):
            return float(line.split()[1])
    raise AssertionError(name)


def in_background(work: Callable[[], object]) -> threading.Thread:
    """A thread that has started."""
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def slow_query(sandbox: SandboxProcess) -> threading.Thread:
    """One query on its way, over a connection of its own."""
    return in_background(lambda: Client(sandbox).query("RETURN 1"))


@slow
def test_a_full_queue_refuses(make_sandbox: Make) -> None:
    """Two at work, one in the queue: the next is a 503, 21003; metrics answer all the while."""
    sandbox = make_sandbox(maximal_threads=1, maximal_queue_size=1, query_delay_s=1.0)
    client = Client(sandbox)
    assert client.ask("GET", "/_admin/server/availability").status_code == 200
    first = slow_query(sandbox)
    until(lambda: metric(client, "scheduler_num_working_threads") >= 2)
    second = slow_query(sandbox)
    until(lambda: metric(client, "scheduler_queue_length") == 1)
    assert client.refused("GET", "/_api/version") == (503, 21003, "queue is full")
    assert client.ask("GET", "/_admin/server/availability").status_code == 503
    assert metric(client, "scheduler_queue_full_failures_total") == 1
    first.join(20)
    second.join(20)
    assert client.ask("GET", "/_api/version").status_code == 200
    assert metric(client, "scheduler_low_prio_queue_last_dequeue_time") >= 0


@slow
def test_who_does_not_want_to_wait_is_refused(make_sandbox: Make) -> None:
    """Where the last request waited longer than the next one may, that is a 412, 21004, at once."""
    sandbox = make_sandbox(maximal_threads=1, query_delay_s=0.5)
    client = Client(sandbox)
    queries = [slow_query(sandbox) for _ in range(4)]
    until(lambda: metric(client, "scheduler_low_prio_queue_last_dequeue_time") > 100)
    hasty = {"x-arango-queue-time-seconds": "0.05"}
    refused = client.refused("GET", "/_api/version", headers=hasty)
    assert refused == (412, 21004, "queue time violated")
    assert any(query.is_alive() for query in queries)
    for ignored in ("20", "0", "soon"):
        header = {"x-arango-queue-time-seconds": ignored}
        assert client.ask("GET", "/_api/version", headers=header).status_code == 200
    for query in queries:
        query.join(20)
    assert metric(client, "scheduler_queue_time_violations_total") == 1
    assert client.ask("GET", "/_api/version", headers=hasty).status_code == 200


@slow
def test_queries_burn_cpu_and_hold_memory(make_sandbox: Make) -> None:
    """--query-cpu is CPU time of the process, --query-memory is resident while a query runs."""
    sandbox = make_sandbox(query_cpu_s=0.2, query_memory_bytes=100_000_000, query_delay_s=0.3)
    client, process = Client(sandbox), psutil.Process(sandbox.pid)
    before_s, calm = process.cpu_times().user, process.memory_info().rss
    query = slow_query(sandbox)
    until(lambda: process.memory_info().rss > calm + 90_000_000)
    query.join(20)
    assert process.cpu_times().user - before_s >= 0.19
    until(lambda: process.memory_info().rss < calm + 50_000_000)
    used = metric(client, "process_statistics_user_time")
    assert abs(used - process.cpu_times().user) < 1


@slow
def test_a_memory_limit_refuses_queries(make_sandbox: Make) -> None:
    """Queries lose memory until the limit, which the metrics tell; then they are 500, 32."""
    sandbox = make_sandbox(leak_bytes=50_000_000, memory_limit_bytes=300_000_000)
    client = Client(sandbox)
    assert metric(client, "server_statistics_physical_memory") == 300_000_000
    for _ in range(10):
        reply = client.ask("POST", "/_api/cursor", {"query": "RETURN 1"})
        if reply.status_code != 201:
            break
    assert (reply.status_code, reply.json()["errorNum"]) == (500, 32)
    assert metric(client, "process_statistics_resident_set_size") >= 300_000_000
    assert client.ask("GET", "/_api/version").status_code == 200


@slow
def test_descriptors_run_out(make_sandbox: Make) -> None:
    """With as many descriptors as allowed, new clients wait, old ones go on, metrics say so."""
    sandbox = make_sandbox(file_descriptors=40)
    client = Client(sandbox)
    assert metric(client, "file_descriptors_limit") == 40
    port = int(sandbox.url.rpartition(":")[2])
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(45)]
    until(lambda: metric(client, "file_descriptors_current") == 40)
    with pytest.raises(requests.Timeout):
        requests.get(sandbox.url, timeout=0.3)
    assert client.query("RETURN 1") == [1]
    for one in idle:
        one.close()
    assert Client(sandbox).query("RETURN 1") == [1]


@slow
def test_hot_documents_conflict(make_sandbox: Make) -> None:
    """While one transaction takes its time to commit, another on the same document is a 1200."""
    sandbox = make_sandbox(commit_delay_s=1.0)
    client = Client(sandbox)
    client.collection("c", {"_key": "hot", "n": 0}, {"_key": "cold", "n": 0})
    text = "UPDATE @key WITH {n: 1} IN c"
    client.good("POST", "/_api/query", {"query": text})  # from now on nobody waits for the parser
    begun = metric(client, "transactions_started_total")
    writer = in_background(lambda: Client(sandbox).query(text, key="hot"))
    until(lambda: metric(client, "transactions_started_total") > begun)
    body = {"query": text, "bindVars": {"key": "hot"}}
    assert client.refused("POST", "/_api/cursor", body)[:2] == (409, 1200)
    client.query(text, key="cold")
    writer.join(20)


@slow
def test_it_ages(make_sandbox: Make) -> None:
    """With --ageing each query takes longer than those before it."""
    client = Client(make_sandbox(ageing_s=60))

    def seconds() -> float:
        begun_s = time.monotonic()
        client.query("RETURN 1")
        return time.monotonic() - begun_s

    first_s = seconds()
    until(lambda: seconds() > first_s + 0.5)


@slow
def test_it_collapses_for_good(make_sandbox: Make) -> None:
    """Once three wait at a time, every query is slow, however little is asked afterwards."""
    sandbox = make_sandbox(
        maximal_threads=1, query_delay_s=0.2, collapse_at=3, collapse_delay_s=0.7
    )

    def seconds() -> float:
        begun_s = time.monotonic()
        Client(sandbox).query("RETURN 1")
        return time.monotonic() - begun_s

    assert seconds() >= 0.2
    assert Client(sandbox).query("RETURN 1") == [1]
    crowd = [slow_query(sandbox) for _ in range(6)]
    for one in crowd:
        one.join(30)
    assert seconds() >= 0.9


@slow
def test_knobs_work_in_transactions_too(make_sandbox: Make) -> None:
    """A query of a JavaScript transaction carries the same burden, and holds its context."""
    sandbox = make_sandbox(v8_contexts=1, v8_wait_s=0.1, query_delay_s=0.8)
    script = "function () { return require('@arangodb').db._query('RETURN 1').toArray() }"
    busy = in_background(lambda: Client(sandbox).script(script))
    client = Client(sandbox)
    until(lambda: metric(client, "v8_context_busy") == 1)
    assert client.script("function () { return 1 }").json()["errorNum"] == 4
    busy.join(20)
    assert metric(client, "v8_context_enter_failures_total") == 1


def test_every_knob_is_in_the_help() -> None:
    """--help names each knob, what it does and where it shows."""
    done = subprocess.run(
        [sys.executable, "-m", "arangolab.sandbox", "--help"],
        capture_output=True,
        text=True,
        timeout=30,
    )
    said = " ".join(done.stdout.split())
    for one in fields(Knobs):
        assert option(one.name) in said
    assert said.count("Shows in: ") == len(fields(Knobs))


@pytest.mark.parametrize(
    ("turned", "said"),
    [
        ({"v8_context": 2}, "no knob 'v8_context'"),
        ({"v8_contexts": 0}, "--v8-contexts cannot be used: from 1 to 1024 are possible"),
        ({"query_delay_s": -1}, "--query-delay cannot be used: it cannot be below 0"),
        ({"query_cpu_s": float("nan")}, "--query-cpu cannot be used"),
    ],
)
def test_a_knob_that_cannot_be_turned(turned: dict[str, float], said: str) -> None:
    """One sentence that names it."""
    with pytest.raises(InputError, match=said):
        as_options(turned)
