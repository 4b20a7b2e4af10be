"""What one login costs the injector at its limit, against the ways it replaces.

    python -m tests.benchmarks.injector_cost [--rounds 4] [--seconds 3] [--quick]

Each client runs the same login (an AQL read, a transaction) against a server of canned replies, in
one process, as hard as it can.  arangolab does so on an open schedule, with pyArango's API, full
accounting and statsd; the blog's way and pyArango's own session in a bare loop of 20 greenlets with
one statsd packet a line; Locust (if installed: the extra ``bench``) with 20 users in a closed loop,
without statsd.

CPU is user + system time of the client's process per login.  The clients take turns, round after
round, and of each the cheapest round counts: on a machine that does other work too, that is the one
least disturbed.  Trust the ratios.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.common import ROOT, canned, injected, options, percentiles_ms, say

OURS = "arangolab, pooled: open schedule, full accounting, statsd"
PEERS = {
    "requests": "pyArango over its own requests session",
    "grequests": "the blog's way: grequests, a connection per request",
}
LOCUST = ("HttpUser", "FastHttpUser")
GREENLETS = 20
LINE = "{:58} {:>6.0f}/s {:>7.3f} ms CPU per login (dearest round {:>6.3f}) {:>6.2f} times ours"


@dataclass(frozen=True)
class Cost:
    """One round of one client."""

    per_s: float
    cpu_ms: float


def main() -> None:
    """Print a table and the ratios."""
    if sys.argv[1:2] == ["--peer"]:
        sys.stdout.write(json.dumps(run_peer(sys.argv[2], sys.argv[3], float(sys.argv[4]))))
        return
    asked = options(__doc__ or "", rounds=4, seconds=3.0, rate=7000.0)
    rounds, seconds = (1 if asked.quick else asked.rounds), min(15.0, asked.seconds)
    with canned() as server:
        clients = _clients(server.url, seconds, asked.rate)
        found: dict[str, list[Cost]] = {name: [] for name in clients}
        for _ in range(rounds):
            for name, run in clients.items():
                found[name].append(run())
        ours = _cheapest(found[OURS])
        for name, costs in found.items():
            best, dearest = _cheapest(costs), max(cost.cpu_ms for cost in costs)
            ratio = best.cpu_ms / ours.cpu_ms
            say(LINE.format(name, best.per_s, best.cpu_ms, dearest, ratio))
        report_calm(server.url, seconds)
    if importlib.util.find_spec("locust") is None:
        say("Locust: not installed (pip install -e '.[bench]')")


def _cheapest(costs: list[Cost]) -> Cost:
    return min(costs, key=lambda cost: cost.cpu_ms)


def _clients(url: str, seconds: float, rate: float) -> dict[str, Callable[[], Cost]]:
    """By name: what plays one round."""
    clients: dict[str, Callable[[], Cost]] = {
        OURS: lambda: _ours(url, rate, seconds),
        "arangolab --transport grequests": lambda: _ours(
            url, rate / 8, seconds, transport="grequests"
        ),
    }
    for peer, what in PEERS.items():
        clients[what] = lambda peer=peer: _peer(peer, url, seconds)  # type: ignore[misc]
    if importlib.util.find_spec("locust") is not None:
        for user in LOCUST:
            name = f"Locust {user}, {GREENLETS} users, closed loop"
            clients[name] = lambda user=user: _locust(user, url, seconds)  # type: ignore[misc]
    return clients


def _ours(url: str, rate: float, seconds: float, **setup: Any) -> Cost:
    found = injected(url, rate, seconds, **setup)
    return Cost(found.finished / seconds, found.cpu_ms)


def _peer(peer: str, url: str, seconds: float) -> Cost:
    command = [sys.executable, "-m", "tests.benchmarks.injector_cost"]
    command += ["--peer", peer, url, str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def _locust(user: str, url: str, seconds: float) -> Cost:
    command = [sys.executable, "-m", "locust", "-f", "tests/benchmarks/locust_login.py"]
    command += ["--headless", "-u", str(GREENLETS), "-r", str(GREENLETS), "--host", url]
    command += ["-t", f"{max(2, round(seconds)) + 1}s", "--only-summary", "--loglevel", "ERROR"]
    env = {**os.environ, "LOCUST_USER": user}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env)
    line = next(x for x in done.stdout.splitlines() if x.startswith("RESULT "))
    return Cost(**json.loads(line.removeprefix("RESULT ")))


def report_calm(url: str, seconds: float) -> None:
    """What it is like below the limit."""
    calm = injected(url, 1000.0, seconds)
    say(
        f"at 1000/s asked: {calm.finished / seconds:.0f}/s, {calm.cpu_s / seconds:.0%} of a "
        f"core, lateness p50 / p99 / max {percentiles_ms(calm.lateness, 50, 99, 100)} ms, "
        f"{calm.failed} failed"
    )


def run_peer(peer: str, url: str, seconds: float) -> dict[str, float]:
    """A peer, in this process: logins in a closed loop of greenlets."""
    from gevent import monkey

    monkey.patch_all()
    import gevent
    import statsd
    from pyArango.connection import Connection

    if peer == "grequests":
        connection = _per_request_connection(url)
    else:
        connection = Connection(arangoURL=url, username="root", password="", pool_maxsize=GREENLETS)
    db = connection["_system"]
    client = statsd.StatsClient("127.0.0.1", 9)
    began_s, cpu_s, done = time.monotonic(), time.process_time(), 0

    def loop() -> None:
        nonlocal done
        while time.monotonic() - began_s < seconds:
            login(db, client)
            done += 1

    gevent.joinall([gevent.spawn(loop) for _ in range(GREENLETS)])
    used_s, took_s = time.process_time() - cpu_s, time.monotonic() - began_s
    return {"per_s": done / took_s, "cpu_ms": used_s / done * 1e3}


def _per_request_connection(url: str) -> Any:
    import grequests
    from pyArango.connection import Connection

    class PerRequest:
        auth = ("root", "")

        def get(self, url: str, **options: Any) -> Any:
            return grequests.map([grequests.get(url, auth=self.auth, **options)])[0]

        def post(self, url: str, data: Any = None, **options: Any) -> Any:
            return grequests.map([grequests.post(url, data=data, auth=self.auth, **options)])[0]

        def disconnect(self) -> None:
            """Nothing is kept."""

    class BlogConnection(Connection):  # type: ignore[misc]
        def create_aikido_session(self, *_: Any, **__: Any) -> PerRequest:
            return PerRequest()

    return BlogConnection(arangoURL=url, username="root", password="")


def login(db: Any, client: Any) -> None:
    """The same two requests and the same timings as arangolab's login."""
    from arangolab.scenarios.login import COLLECTIONS, COUNT_LOGIN, READ_USER

    began_s = time.monotonic()
    rows = db.AQLQuery(READ_USER, rawResults=True, bindVars={"key": "user_1"})
    assert len(rows) == 1
    read_s = time.monotonic()
    params = {"key": "user_1", "now": int(time.time() * 1000)}
    result = db.transaction(COLLECTIONS, COUNT_LOGIN, params=params)["result"]
    end_s = time.monotonic()
    client.timing("login.read_user", (read_s - began_s) * 1e3)
    client.timing("login.transaction", (end_s - read_s) * 1e3)
    client.timing("login", (end_s - began_s) * 1e3)
    for name in ("updateUser", "updateGroups", "returnOne"):
        client.timing(f"login.{name}", result[name]["ms"])


if __name__ == "__main__":
    os.environ["PYTHONWARNINGS"] = "ignore"
    main()
