"""What one login costs the injector, against the ways it replaces, in the same minute.

    python -m tests.benchmarks.injector_cost [--seconds 6] [--rate 1000]

Each client runs the same login (an AQL read, a transaction, six statsd timings) against a server
of canned replies.  arangolab runs it in its own injector process, on an open schedule, with full
accounting; the others in a bare loop of 20 greenlets, as fast as they can, without any.  CPU is
user + system time of the client's process per login: trust the ratios, not the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PEERS = {
    "requests": "pyArango over its own requests session",
    "grequests": "the blog's way: grequests, a connection per request",
}
GREENLETS = 20


def main() -> None:
    """Print a table and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rate", type=float, default=1000.0)
    parser.add_argument("--peer", choices=sorted(PEERS), help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    args = parser.parse_args()
    seconds = min(15.0, args.seconds)
    if args.peer:
        sys.stdout.write(json.dumps(run_peer(args.peer, args.url, seconds)) + "\n")
        return
    server = subprocess.Popen(
        [sys.executable, str(HERE / "canned_server.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        report(server.stdout.readline().strip(), args.rate, seconds)
    finally:
        server.communicate()


def report(url: str, rate: float, seconds: float) -> None:
    """Measure each and print."""
    ours = run_ours(url, rate, seconds)
    line = "{:58} {:>8.0f}/s {:>8.3f} ms CPU per login {:>6.1f} times ours\n"
    name = f"arangolab, {rate:g}/s asked, full accounting"
    sys.stdout.write(line.format(name, ours["per_s"], ours["cpu_ms"], 1.0))
    lateness = ours["lateness_ms"]
    sys.stdout.write(
        f"    {ours['cpu_ratio']:.0%} of a core; lateness p50 {lateness[0]:.2f}, "
        f"p99 {lateness[1]:.2f}, max {lateness[2]:.2f} ms; failed {ours['failed']}\n"
    )
    for peer, what in PEERS.items():
        command = [sys.executable, "-m", __spec__.name if __spec__ else __file__]
        command += ["--peer", peer, "--url", url, "--seconds", str(seconds)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        theirs = json.loads(done.stdout.splitlines()[-1])
        ratio = theirs["cpu_ms"] / ours["cpu_ms"]
        sys.stdout.write(line.format(what, theirs["per_s"], theirs["cpu_ms"], ratio))


def run_ours(url: str, rate: float, seconds: float) -> dict[str, Any]:
    """Our injector, as a runner drives it."""
    from arangolab.injector.protocol import Interval
    from tests.injector.drive import Drive, setup_for

    setup = setup_for(url, scenario="login", statsd_port=9, interval_s=1.0, max_in_flight=500)
    users = {"first_user": 1, "last_user": 1, "max_in_flight": 500}
    with Drive(setup) as drive:
        drive.run(rate, seconds, **users)
        cpu_s = sum(i.cpu_s for i in drive.all(Interval))
        late = drive.histogram("lateness")
        return {
            "per_s": drive.total("finished") / seconds,
            "cpu_ms": cpu_s / drive.total("finished") * 1e3,
            "cpu_ratio": cpu_s / seconds,
            "lateness_ms": [late.percentile_s(p) * 1e3 for p in (50, 99, 100)],
            "failed": drive.total("failed"),
        }


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
