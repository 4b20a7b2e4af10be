"""A run file as a long run leaves it, written at once: figures made up, tables as they are."""

from __future__ import annotations

import math
import random
from pathlib import Path

from arangolab.injector.protocol import Interval
from arangolab.metrics.sample import Sample
from arangolab.runfile.writer import RunWriter
from tests.runfile.made import begun, encoded, interval

SERIES = (
    *(("injector", f"{name}_per_s", "1/s") for name in ("rate", "started", "failed", "shed")),
    *(("injector", f"response_p{p}_ms", "ms") for p in (50, 95, 99)),
    ("injector", "service_p50_ms", "ms"),
    ("injector", "in_flight", "scenarios"),
    ("injector", "processes", "processes"),
    ("injector", "cpu_ratio", ""),
    ("proc", "memory_maps", "maps"),
    ("proc", "rss_bytes", "bytes"),
    ("proc", "cpu_user_cores", "cores"),
    ("proc", "cpu_system_cores", "cores"),
    ("proc", "threads", "threads"),
    ("proc", "open_fds", "descriptors"),
    ("arango", "v8_contexts_busy", "contexts"),
    ("arango", "v8_contexts_max", "contexts"),
    ("statsd", "login.read_user.mean_ms", "ms"),
    ("statsd", "login.transaction.mean_ms", "ms"),
    *(("statsd", f"other_{k}", "") for k in range(10)),
)
"""Names as a run has them, those that no graph shows too."""
COMMIT_EVERY = 3600


class LongRun:
    """A run file of so many seconds that can be written on."""

    def __init__(self, path: Path, seconds: int) -> None:
        self._random = random.Random(1)  # noqa: S311
        self._times = [
            encoded(*(self._random.lognormvariate(-2, 0.6) for _ in range(10))) for _ in range(50)
        ]
        self.path = path
        self.writer: RunWriter = begun(path)
        self.second = 0
        while self.second < seconds:
            self.add()
            if self.second % COMMIT_EVERY == 0:
                self.writer.commit()
        self.writer.commit()

    def add(self) -> None:
        """One interval more."""
        self.second += 1
        t_s = float(self.second)
        wave = 10.0 + 5.0 * math.sin(t_s / 600.0)
        self.writer.samples(
            Sample(t_s, source, name, wave + self._random.random(), unit)
            for source, name, unit in SERIES
        )
        times = self._random.choice(self._times)
        self.writer.interval(0, self._interval(t_s, times))

    def _interval(self, t_s: float, times: str) -> Interval:
        return interval(t_s, histograms={"service": times, "response": times, "lateness": times})
