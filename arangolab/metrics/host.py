"""The runner's host: CPU in use, stolen, waiting for disks, taken by others; its clock."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from arangolab.metrics.register import NAMES
from arangolab.metrics.sample import Sample

_PROC: Final = Path("/proc")
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_BUSY: Final = (0, 1, 2, 5, 6)
"""user, nice, system, irq, softirq in the line ``cpu`` of /proc/stat (proc(5)); guests are within
user and nice."""
_IOWAIT: Final = 4
_STEAL: Final = 7
_IO_TICKS: Final = 12
"""Milliseconds with I/O under way, in a line of /proc/diskstats (Documentation/iostats)."""


class HostSampler:
    """Samples of the host; rates from the second sample on."""

    def __init__(self, *roots: int, proc: Path = _PROC) -> None:
        """``roots``: processes that, with their descendants, belong to the test."""
        self._roots = roots
        self._proc = proc
        self._before: dict[str, tuple[float, float]] = {}
        self._own_before: dict[int, float] = {}
        self._clock_s = _clock_s()
        self.samples = 0
        """How many were taken."""
        self.cost_s = 0.0
        """CPU time that they took, all together."""

    def sample(self, time_s: float) -> list[Sample]:
        """What is known at ``time_s`` (seconds since the run's start)."""
        began_s = time.thread_time()
        try:
            found = dict(self._values(time_s))
        finally:
            self.samples += 1
            self.cost_s += time.thread_time() - began_s
        return [Sample(time_s, "host", n, v, NAMES["host", n][0]) for n, v in found.items()]

    def _values(self, time_s: float) -> Iterator[tuple[str, float]]:
        yield "clock_offset_s", _clock_s() - self._clock_s
        yield "cores", float(os.cpu_count() or 1)
        busy = None
        for name, total_s in self._cpu_times():
            for rate in self._rate(name, total_s, time_s):
                busy = rate if name == "cpu_busy_cores" else busy
                yield name, rate
        own = list(self._rate("own", self._own_total_s(), time_s))
        if busy is not None and own:
            yield "cpu_others_cores", max(0.0, busy - own[0])
        disks = [rate for disk in self._disks() for rate in self._rate(*disk, time_s)]
        if disks:
            yield "disk_busy_ratio", min(1.0, max(disks))

    def _cpu_times(self) -> Iterator[tuple[str, float]]:
        """Seconds of CPU time since boot, over all cores."""
        line = _text(self._proc / "stat").partition("\n")[0].split()
        if len(line) > _STEAL + 1 and line[0] == "cpu":
            ticks = [int(word) for word in line[1:]]
            yield "cpu_busy_cores", sum(ticks[n] for n in _BUSY) / _TICKS_PER_S
            yield "cpu_iowait_cores", ticks[_IOWAIT] / _TICKS_PER_S
            yield "cpu_steal_cores", ticks[_STEAL] / _TICKS_PER_S

    def _own_total_s(self) -> float:
        """CPU seconds of the test's processes; what one used before it ended stays counted."""
        now = {
            pid: _process_cpu_s(self._proc, pid)
            for pid in _with_descendants(self._proc, self._roots)
        }
        grown = sum(max(0.0, s - self._own_before.get(pid, s)) for pid, s in now.items())
        self._own_before = now
        return self._before.get("own", (0.0, 0.0))[1] + grown

    def _disks(self) -> Iterator[tuple[str, float]]:
        """(name, seconds with I/O under way since boot) of each device but loops and RAM."""
        for line in _text(self._proc / "diskstats").splitlines():
            words = line.split()
            if len(words) > _IO_TICKS and not words[2].startswith(("loop", "ram", "zram")):
                yield f"disk {words[2]}", int(words[_IO_TICKS]) / 1e3

    def _rate(self, name: str, total: float, time_s: float) -> Iterator[float]:
        before = self._before.get(name)
        self._before[name] = (time_s, total)
        if before is not None and time_s > before[0] and total >= before[1]:
            yield (total - before[1]) / (time_s - before[0])


def _clock_s() -> float:
    """The wall clock against the monotonic one: it changes when a clock is set or a host sleeps."""
    return time.time() - time.monotonic()


def _with_descendants(proc: Path, roots: Iterable[int]) -> set[int]:
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            with contextlib.suppress(OSError):
                for task in (proc / str(pid) / "task").iterdir():
                    waiting += [int(child) for child in _text(task / "children").split()]
    return found


def _process_cpu_s(proc: Path, pid: int) -> float:
    fields = _text(proc / str(pid) / "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S if len(fields) > 12 else 0.0


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
