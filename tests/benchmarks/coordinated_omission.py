"""A server that stands still for 2 s once, and who notices.

    python -m tests.benchmarks.coordinated_omission [--seconds 20] [--quick]

Logins at 100/s on an open schedule, against the same server and 5 users in a closed loop.  The
users of the closed loop wait with the server, so that few of their requests meet the stall: its
percentiles leave out what people would have suffered.
"""

from __future__ import annotations

import os
import signal
import threading
import time

from tests.benchmarks.common import Canned, canned, options, percentiles_ms, say
from tests.injector.drive import Drive, pace, setup_for

STALL_S = 2.0
RATE_PER_S = 100.0
USERS = 5


def main() -> None:
    """Print both."""
    asked = options(__doc__ or "", seconds=20.0)
    seconds = min(60.0, max(6.0, asked.seconds / (3 if asked.quick else 1)))
    say(f"A stall of {STALL_S:g} s in {seconds:g} s; percentiles 50 / 95 / 99 / 100, ms")
    with canned() as server:
        for name, closed, bound in (
            (f"open, {RATE_PER_S:g}/s", False, 500),
            (f"open, {RATE_PER_S:g}/s, at most {USERS} in flight", False, USERS),
            (f"closed loop, {USERS} users thinking 50 ms", True, USERS),
        ):
            report(name, server, seconds, closed=closed, bound=bound)


def report(name: str, server: Canned, seconds: float, *, closed: bool, bound: int) -> None:
    """One way of asking."""
    setup = setup_for(
        server.url, "login", interval_s=1.0, max_in_flight=bound, closed=closed, think_s=0.05,
        read_timeout_s=30.0, statsd_port=9,
    )  # fmt: skip
    with Drive(setup) as drive:
        rate, users = (0.0, USERS) if closed else (RATE_PER_S, 0)
        drive.go(pace(rate, loop_users=users, last_user=1, max_in_flight=bound))
        threading.Timer(seconds / 2, stall, (server.pid,)).start()
        drive.pump(seconds)
        drive.stop(5.0)
        say(
            f"{name:40} {drive.total('finished'):6} finished, {drive.total('shed'):4} shed; "
            f"response {percentiles_ms(drive.histogram('response'), 50, 95, 99, 100)}; "
            f"service {percentiles_ms(drive.histogram('service'), 50, 95, 99, 100)}"
        )


def stall(pid: int) -> None:
    """The server's process stands still."""
    os.kill(pid, signal.SIGSTOP)
    time.sleep(STALL_S)
    os.kill(pid, signal.SIGCONT)


if __name__ == "__main__":
    main()
