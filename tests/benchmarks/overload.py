"""Ten times the capacity, and what the injector does about it.

    python -m tests.benchmarks.overload [--seconds 120] [--quick]

A sandbox of two V8 contexts and 0.1 s a transaction takes 20 logins a second; 200 are asked for.
The peer is the same load without a bound on what is in flight.
"""

from __future__ import annotations

import time

from arangolab import dataset
from arangolab.injector.protocol import Interval
from arangolab.sandbox import launcher
from arangolab.target import Target
from tests.benchmarks.common import options, say
from tests.injector.drive import Drive, pace, setup_for

RATE_PER_S = 200.0


def main() -> None:
    """Print both."""
    asked = options(__doc__ or "", seconds=120.0)
    seconds = min(300.0, asked.seconds / (10 if asked.quick else 1))
    for bound in (500, 100_000):
        with launcher.start(v8_contexts=2, v8_wait_s=20.0, transaction_delay_s=0.1) as server:
            dataset.load(Target(urls=(server.url,), user=server.user), users=1000)
            report(server.url, seconds, bound)


def report(url: str, seconds: float, bound: int) -> None:
    """One bound."""
    setup = setup_for(
        url, "login", interval_s=1.0, max_in_flight=bound, deadline_s=seconds + 60,
        read_timeout_s=60.0, statsd_port=9,
    )  # fmt: skip
    with Drive(setup) as drive:
        drive.go(pace(RATE_PER_S, last_user=1000, max_in_flight=bound))
        drive.pump(seconds)
        told_s = time.monotonic()
        drive.stop(0.0)
        ended_s = time.monotonic() - told_s
        rows = drive.all(Interval)
        balance = drive.total("started") + drive.total("shed") == drive.total("intended")
        say(
            f"bound {bound:>7}: {drive.total('intended')} intended = {drive.total('started')} "
            f"started + {drive.total('shed')} shed: {balance}; in flight at most "
            f"{max(i.in_flight for i in rows)}; resident memory {rows[0].rss_bytes / 1e6:.0f} -> "
            f"{rows[-1].rss_bytes / 1e6:.0f} MB; ended {ended_s:.2f} s after the stop"
        )


if __name__ == "__main__":
    main()
