"""More transactions than contexts: what the client is told, and what rises."""

from __future__ import annotations

import threading
from collections.abc import Callable

import psutil
import pytest

from arangolab.sandbox.launcher import SandboxProcess
from tests.sandbox.client import Client
from tests.support import until

CLIENTS = 24


@pytest.mark.slow
def test_too_many_transactions(make_sandbox: Callable[..., SandboxProcess]) -> None:
    """2 contexts, 0.3 s of patience: the first error is ArangoDB's; threads and fds rise and fall.

    Each transaction holds its context for 0.2 s, so of 24 at once some 4 get through.
    """
    sandbox = make_sandbox(v8_contexts=2, v8_wait_s=0.3, transaction_delay_s=0.2)
    process = psutil.Process(sandbox.pid)
    before = process.num_threads(), process.num_fds()
    replies: list[tuple[int, str]] = []
    all_sent = threading.Barrier(CLIENTS + 1)

    def work() -> None:
        client = Client(sandbox)
        client.get("/_api/version")
        all_sent.wait()
        reply = client.script("function () { return 1 }")
        replies.append((reply.status_code, reply.text))

    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    all_sent.wait()
    until(lambda: process.num_threads() >= before[0] + CLIENTS)
    assert process.num_fds() >= before[1] + CLIENTS
    for thread in threads:
        thread.join(20)
    errors = [text for status, text in replies if status != 200]
    assert set(errors) == {
        '{"code":500,"error":true,"errorMessage":"could not acquire v8 context","errorNum":4}'
    }
    assert 2 <= len(replies) - len(errors) <= 8
    text = Client(sandbox).ask("GET", "/_admin/metrics").text
    assert f'enter_failures_total{{role="SINGLE"}} {len(errors)}' in text
    assert 'arangodb_v8_context_busy{role="SINGLE"} 0' in text
    until(lambda: process.num_fds() <= before[1] + 4)
    until(lambda: process.num_threads() <= before[0] + 4, timeout_s=20)
    assert Client(sandbox).script("function () { return 1 }").json()["result"] == 1


def test_more_requests_than_threads_wait(make_sandbox: Callable[..., SandboxProcess]) -> None:
    """Beyond --maximal-threads requests queue; all are answered."""
    sandbox = make_sandbox(
        v8_contexts=20, transaction_delay_s=0.1, options=("--maximal-threads", "4")
    )
    statuses: list[int] = []

    def work() -> None:
        statuses.append(Client(sandbox).script("function () { return 1 }").status_code)

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert statuses == [200] * 12
    assert psutil.Process(sandbox.pid).num_threads() <= 4 + 4
