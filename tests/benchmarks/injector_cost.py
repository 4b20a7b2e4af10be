"""What one login costs the injector at its limit, against the ways it replaces.

    python -m tests.benchmarks.injector_cost [--seconds 6] [--quick]

Each client runs the same login (an AQL read, a transaction) against a server of canned replies, in
one process, as hard as it can.  arangolab does so on an open schedule, with pyArango's API, full
accounting and statsd; the blog's way and pyArango's own session in a bare loop of 20 greenlets with
one statsd packet a line; Locust (if installed: the extra ``bench``) with 20 users in a closed loop,
without statsd.  CPU is user + system time of the client's process per login: trust the ratios.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from typing import Any

from tests.benchmarks.common import ROOT, canned, injected, options, percentiles_ms, say

PEERS = {
    "requests": "pyArango over its own requests session",
    "grequests": "the blog's way: grequests, a connection per request",
}
LOCUST = ("HttpUser", "FastHttpUser")
GREENLETS = 20
LINE = "{:58} {:>7.0f}/s {:>7.3f} ms CPU per login {:>6.2f} times arangolab's"


def main() -> None:
    """Print a table and the ratios."""
    if sys.argv[1:2] == ["--peer"]:
        sys.stdout.write(json.dumps(run_peer(sys.argv[2], sys.argv[3], float(sys.argv[4]))))
        return
    asked = options(__doc__ or "", seconds=6.0, rate=7000.0)
    seconds = min(15.0, asked.seconds / (3 if asked.quick else 1))
    with canned() as server:
        ours_ms = report_ours(server.url, asked.rate, seconds)
        for peer, what in PEERS.items():
            command = [sys.executable, "-m", "tests.benchmarks.injector_cost"]
            command += ["--peer", peer, server.url, str(seconds)]
            done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
            found = json.loads(done.stdout.splitlines()[-1])
            say(LINE.format(what, found["per_s"], found["cpu_ms"], found["cpu_ms"] / ours_ms))
        for user in LOCUST:
            report_locust(user, server.url, seconds, ours_ms)


def report_ours(url: str, rate: float, seconds: float) -> float:
    """Our two transports at their limits; CPU milliseconds of a login over the pooled one."""
    pooled = injected(url, rate, seconds)
    name = "arangolab, pooled, open schedule, full accounting"
    say(LINE.format(name, pooled.finished / seconds, pooled.cpu_ms, 1.0))
    blog = injected(url, rate / 8, seconds, transport="grequests")
    name = "arangolab --transport grequests"
    say(LINE.format(name, blog.finished / seconds, blog.cpu_ms, blog.cpu_ms / pooled.cpu_ms))
    calm = injected(url, 1000.0, seconds)
    say(
        f"    at 1000/s asked: {calm.finished / seconds:.0f}/s, {calm.cpu_s / seconds:.0%} of a "
        f"core, lateness p50 / p99 / max {percentiles_ms(calm.lateness, 50, 99, 100)} ms, "
        f"{calm.failed} failed"
    )
    return pooled.cpu_ms


def report_locust(user: str, url: str, seconds: float, ours_ms: float) -> None:
    """Locust, if it is there."""
    if importlib.util.find_spec("locust") is None:
        say(f"Locust {user}: not installed (pip install -e '.[bench]')")
        return
    command = [sys.executable, "-m", "locust", "-f", "tests/benchmarks/locust_login.py"]
    command += ["--headless", "-u", str(GREENLETS), "-r", str(GREENLETS), "--host", url]
    command += ["-t", f"{max(2, round(seconds)) + 1}s", "--only-summary", "--loglevel", "ERROR"]
    env = {**os.environ, "LOCUST_USER": user}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env)
    line = next(x for x in done.stdout.splitlines() if x.startswith("RESULT "))
    found = json.loads(line.removeprefix("RESULT "))
    name = f"Locust {user}, {GREENLETS} users, closed loop"
    say(LINE.format(name, found["per_s"], found["cpu_ms"], found["cpu_ms"] / ours_ms))


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
