"""One measured value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Source = Literal["injector", "statsd", "proc", "host", "collectd", "arango"]


@dataclass(frozen=True, slots=True)
class Sample:
    """A value at a time."""

    time_s: float
    """Seconds since the run's start, monotonic clock."""
    source: Source
    name: str
    value: float
    unit: str
    host: str = ""
    """Name of the host it is from where that is not the runner's."""
