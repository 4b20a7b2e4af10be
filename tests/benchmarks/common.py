"""What the benchmarks share: the canned server, an injector at work, a table, options."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arangolab.histogram import Histogram
from arangolab.injector.protocol import Interval
from tests.injector.drive import Drive, setup_for

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NOWHERE = 9
"""UDP port of the discard protocol: statsd lines are sent, and nobody reads them."""


@dataclass(frozen=True)
class Canned:
    """The server of canned replies, a process of its own."""

    url: str
    pid: int


@contextmanager
def canned() -> Iterator[Canned]:
    """It ends with the block."""
    server = subprocess.Popen(
        [sys.executable, str(HERE / "canned_server.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        yield Canned(server.stdout.readline().strip(), server.pid)
    finally:
        server.communicate()


@dataclass(frozen=True)
class Measured:
    """One injector's run."""

    intended: int
    started: int
    shed: int
    finished: int
    failed: int
    seconds: float
    cpu_s: float
    lateness: Histogram
    service: Histogram
    response: Histogram
    intervals: list[Interval]

    @property
    def cpu_ms(self) -> float:
        """CPU of one scenario, all that the process does included."""
        return self.cpu_s / max(1, self.finished) * 1e3


def injected(
    url: str, rate_per_s: float, seconds: float, scenario: str = "login", *,
    source: str | None = None, max_in_flight: int = 500, drain_s: float = 5.0, last_user: int = 1,
    **setup: Any,
) -> Measured:  # fmt: skip
    """One injector process at a rate, with full accounting and statsd."""
    made = setup_for(
        url, scenario, source, statsd_port=NOWHERE, interval_s=1.0, max_in_flight=max_in_flight,
        deadline_s=seconds + 60, read_timeout_s=30.0, **setup,
    )  # fmt: skip
    with Drive(made) as drive:
        drive.run(rate_per_s, seconds, drain_s, last_user=last_user, max_in_flight=max_in_flight)
        names = ("intended", "started", "shed", "finished", "failed")
        return Measured(
            *(drive.total(name) for name in names),
            seconds=seconds,
            cpu_s=sum(i.cpu_s for i in drive.all(Interval)),
            lateness=drive.histogram("lateness"),
            service=drive.histogram("service"),
            response=drive.histogram("response"),
            intervals=drive.all(Interval),
        )


def percentiles_ms(histogram: Histogram, *percents: float) -> str:
    """``0.5 / 1.2 / 3.4`` for the percentiles."""
    return " / ".join(f"{histogram.percentile_s(p) * 1e3:.2f}" for p in percents)


def options(doc: str, **defaults: float) -> argparse.Namespace:
    """``--quick`` and a number for each default."""
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the time")
    for name, value in defaults.items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    return parser.parse_args()


def say(text: str) -> None:
    """A line of the result."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
