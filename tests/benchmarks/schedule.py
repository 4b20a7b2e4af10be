"""How well the schedule is kept, against a loop that sleeps 1/rate after each start.

    python -m tests.benchmarks.schedule [--seconds 60] [--quick]

One process each, logins against a server of canned replies: 500/s, then as many as make about 75 %
of a core; then Poisson arrivals, whose gaps must be exponential (Kolmogorov-Smirnov).
"""

from __future__ import annotations

import itertools
import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.common import ROOT, canned, injected, options, percentiles_ms, say
from tests.test_arrivals import kolmogorov_smirnov

POISSON_PER_S = 100.0
"""Two starts of one process are a tenth of a millisecond apart at least: a rate at which that is
little against the mean gap."""

STAMPING = """
import time
from arangolab import scenario
FILE, FLUSH_AT = open({path!r}, "a", buffering=1 << 16), 64  # to write takes time itself

@scenario
def stamp(session):
    FILE.write(f"{{time.monotonic()}}\\n")
    if not session.user % FLUSH_AT:
        FILE.flush()
"""


def main() -> None:
    """Print what was asked, what was started, and how late."""
    if sys.argv[1:2] == ["--sleeping"]:
        sleeping(sys.argv[2], float(sys.argv[3]), float(sys.argv[4]))
        return
    asked = options(__doc__ or "", seconds=60.0)
    seconds = min(120.0, asked.seconds / (10 if asked.quick else 1))
    with canned() as server:
        report(server.url, 500.0, seconds)
        report(server.url, rate_of_three_quarters(server.url), seconds)
        command = [sys.executable, "-m", "tests.benchmarks.schedule", "--sleeping", server.url]
        done = subprocess.run(
            [*command, "500", str(min(20.0, seconds))],
            capture_output=True, text=True, check=True, cwd=ROOT,
        )  # fmt: skip
        found = json.loads(done.stdout.splitlines()[-1])
        say(
            f"a loop that sleeps 1/rate after each start, 500/s asked: {found['started']} of "
            f"{found['intended']} started ({found['started'] / found['intended']:.1%}), the last "
            f"one {found['late_s']:.2f} s late"
        )
        report_poisson(server.url, seconds)


def rate_of_three_quarters(url: str) -> float:
    """The rate that makes 75 % of a core; tried, since a login costs less at a higher rate."""
    rate = 1500.0
    for _ in range(4):
        rate = round(0.75e3 / injected(url, rate, 4.0).cpu_ms, -2)
    return rate


def report(url: str, rate: float, seconds: float) -> None:
    """One rate."""
    found = injected(url, rate, seconds)
    say(
        f"arangolab, {rate:g}/s asked for {seconds:g} s: {found.started} of {found.intended} "
        f"started, {found.cpu_s / seconds:.0%} of a core, lateness p50 / p99 / max "
        f"{percentiles_ms(found.lateness, 50, 99, 100)} ms"
    )


def report_poisson(url: str, seconds: float) -> None:
    """Actual starts of random arrivals."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stamps"
        source = STAMPING.format(path=str(path))
        injected(
            url, POISSON_PER_S, seconds, "stamp", source=source, arrivals="poisson", seed=7,
            last_user=1_000_000,
        )  # fmt: skip
        stamps = sorted(float(line) for line in path.read_text().split())
    gaps = [(b - a) * POISSON_PER_S for a, b in itertools.pairwise(stamps)]
    found = kolmogorov_smirnov(gaps)
    verdict = "pass" if found < 1.63 else "DO NOT pass"
    say(
        f"Poisson arrivals, {POISSON_PER_S:g}/s: {len(gaps)} gaps between actual starts, "
        f"sqrt(n) D = {found:.2f} (1.63 at 1 %): they {verdict}; coefficient of variation "
        f"{math.sqrt(sum((g - 1) ** 2 for g in gaps) / len(gaps)):.3f} (1 for exponential gaps)"
    )


def sleeping(url: str, rate: float, seconds: float) -> None:
    """The blog's loop: start one, sleep 1/rate, again."""
    from gevent import monkey

    monkey.patch_all()
    import gevent
    import statsd
    from pyArango.connection import Connection

    from tests.benchmarks.injector_cost import login

    db = Connection(arangoURL=url, username="root", password="", pool_maxsize=100)["_system"]
    client = statsd.StatsClient("127.0.0.1", 9)
    intended = int(rate * seconds)
    began_s, started = time.monotonic(), 0
    while started < intended and time.monotonic() - began_s < seconds:
        gevent.spawn(login, db, client)
        started += 1
        gevent.sleep(1 / rate)
    late_s = time.monotonic() - began_s - started / rate
    sys.stdout.write(json.dumps({"intended": intended, "started": started, "late_s": late_s}))


if __name__ == "__main__":
    main()
