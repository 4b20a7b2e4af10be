"""Connections cut in the middle of POSTs, and how often the server received each of them.

    python -m tests.benchmarks.cut_connections [--quick]

A server receives the first 50 transactions and cuts their connections without a reply.  arangolab
counts as many POSTs as the server received; pyArango's own two sessions are the peers: what they
send again in silence is load, and writes, that nobody asked for.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from typing import Any

from arangolab.injector.protocol import Interval
from tests.benchmarks.common import ROOT, options, say
from tests.injector.drive import Drive, setup_for
from tests.injector.stub import Stub

CUT = 50
RATE_PER_S = 100
SOURCE = """
from arangolab import scenario

@scenario
def write(session):
    with session.step("transaction"):
        session.db.transaction({"write": ["user"]}, "", params={"key": f"user_{session.user}"})
"""


def main() -> None:
    """Print what each asked for, and what arrived."""
    if sys.argv[1:2] == ["--peer"]:
        sys.stdout.write(json.dumps(peer(sys.argv[2], sys.argv[3], int(sys.argv[4]))))
        return
    asked = options(__doc__ or "", posts=400)
    posts = max(2 * CUT, asked.posts // (4 if asked.quick else 1))
    for transport in ("pooled", "grequests"):
        report_ours(transport, posts)
    for name, what in (
        ("requests", "pyArango over its own requests session"),
        ("grequests", "pyArango over its own grequests session"),
    ):
        with Stub() as stub:
            stub.has_auth_route = False
            stub.cut = CUT
            command = [sys.executable, "-m", "tests.benchmarks.cut_connections"]
            command += ["--peer", name, stub.url, str(posts)]
            done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
            failed = json.loads(done.stdout.splitlines()[-1])["failed"]
            received = stub.requests["transaction"]
            say(
                f"{what:40} {posts} transactions asked for, {failed} of them failed; the server "
                f"received {received} ({received - posts} more than asked for)"
            )


def report_ours(transport: str, posts: int) -> None:
    """Our transports; the injector's own count of requests is the one compared."""
    with Stub() as stub:
        stub.cut = CUT
        setup = setup_for(stub.url, "write", SOURCE, transport=transport)
        with Drive(setup) as drive:
            drive.run(RATE_PER_S, posts / RATE_PER_S)
            counted: Counter[str] = Counter()
            for interval in drive.all(Interval):
                counted.update(interval.replies)
        sent = counted["POST 200"] + counted["POST no reply"]
        received, started = stub.requests["transaction"], drive.total("started")
        say(
            f"{'arangolab, ' + transport:40} {started} transactions asked for, "
            f"{drive.total('failed')} of them failed; {sent} POSTs counted, the server received "
            f"{received}: equal: {sent == received == started}"
        )


def peer(name: str, url: str, posts: int) -> dict[str, int]:
    """Play pyArango's own session in this process, 20 greenlets."""
    from gevent import monkey

    monkey.patch_all()
    import gevent
    from gevent.pool import Pool
    from pyArango.connection import Connection

    special: dict[str, Any] = {}
    if name == "grequests":
        special = {"use_grequests": True, "use_jwt_authentication": False}
    db = Connection(arangoURL=url, username="root", password="", **special)["_system"]
    failed = 0

    def write(number: int) -> None:
        nonlocal failed
        try:
            db.transaction({"write": ["user"]}, "", params={"key": f"user_{number}"})
        except Exception:
            failed += 1

    workers = Pool(20)
    for number in range(posts):
        workers.spawn(write, number)
    with gevent.Timeout(120):
        workers.join()
    return {"failed": failed}


if __name__ == "__main__":
    main()
