"""What /proc says of the server's process: CPU, threads, descriptors, memory maps, memory, I/O."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from arangolab.metrics.register import NAMES
from arangolab.metrics.sample import Sample

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
SLOW_S: Final = 0.05
"""Reading the memory maps may take this long; a slower one is read less often."""
LONGEST_GAP: Final = 3.5
"""Intervals beyond which the growth of a total is no rate: samples are missing in between."""
_BLOCK_BYTES: Final = 1 << 16


class ProcessGone(Exception):
    """The process has ended."""


class ProcessSampler:
    """Samples of one process; what may not be read is left out and said once in ``missing``."""

    def __init__(self, pid: int, interval_s: float = math.inf) -> None:
        """``interval_s``: how often it is sampled; raises ProcessGone when there is none such."""
        self.pid = pid
        self.missing: dict[str, str] = {}
        """Why a field is not sampled, by name."""
        self._root = Path(f"/proc/{pid}")
        self._started = self._stat()[19]
        self._longest_s = LONGEST_GAP * interval_s
        self._before: dict[str, tuple[float, float]] = {}
        self._maps_due_s = 0.0
        self.samples = 0
        """How many samples were taken."""
        self.cost_s = 0.0
        """CPU time that they took, all together."""

    def sample(self, time_s: float) -> list[Sample]:
        """What is known at ``time_s`` (seconds since the run's start); rates from the second on.

        Raises ProcessGone when the process has ended (or another one has its number).
        """
        began_s = time.thread_time()
        try:
            return self._sample(time_s)
        finally:
            self.samples += 1
            self.cost_s += time.thread_time() - began_s

    def _sample(self, time_s: float) -> list[Sample]:
        stat = self._stat()
        if stat[19] != self._started:
            raise ProcessGone(f"process {self.pid} has ended")
        values = [
            *self._rate("cpu_user_cores", int(stat[11]) / _TICKS_PER_S, time_s),
            *self._rate("cpu_system_cores", int(stat[12]) / _TICKS_PER_S, time_s),
            ("threads", float(stat[17])),
            ("rss_bytes", float(stat[21]) * _PAGE_BYTES),
            *self._field("open_fds", self._open_fds),
            *self._field("memory_maps", self._memory_maps),
            *self._io(time_s),
        ]
        return [
            Sample(time_s, "proc", name, value, NAMES["proc", name][0]) for name, value in values
        ]

    def _stat(self) -> list[str]:
        """The fields of /proc/PID/stat after the command's name (proc(5) numbers them from 3)."""
        try:
            text = (self._root / "stat").read_text()
        except (FileNotFoundError, ProcessLookupError) as error:
            raise ProcessGone(f"process {self.pid} has ended") from error
        fields = text.rpartition(")")[2].split()
        if fields[0] in "ZX":
            raise ProcessGone(f"process {self.pid} has ended")
        return fields

    def _field(self, name: str, read: Callable[[], float | None]) -> Iterator[tuple[str, float]]:
        if name in self.missing:
            return
        try:
            value = read()
        except PermissionError:
            self.missing[name] = "not permitted: another user's process"
            return
        except (FileNotFoundError, ProcessLookupError) as error:
            raise ProcessGone(f"process {self.pid} has ended") from error
        if value is not None:
            yield name, value

    def _open_fds(self) -> float:
        size = (self._root / "fd").stat().st_size  # the count, on Linux 6.2 and later
        return float(size or len(os.listdir(self._root / "fd")))  # noqa: PTH208

    def _memory_maps(self) -> float | None:
        began_s = time.monotonic()
        if began_s < self._maps_due_s:
            return None
        count = 0
        with (self._root / "maps").open("rb", buffering=0) as file:
            while block := file.read(_BLOCK_BYTES):
                count += block.count(b"\n")
        took_s = time.monotonic() - began_s
        if took_s > SLOW_S:
            self._maps_due_s = began_s + 100 * took_s
        return float(count)

    def _io(self, time_s: float) -> Iterator[tuple[str, float]]:
        if "io" in self.missing:
            return
        try:
            lines = (self._root / "io").read_text().splitlines()
        except PermissionError:
            self.missing["io"] = "not permitted: another user's process"
            return
        except OSError:
            return
        totals = dict(line.split(": ") for line in lines)
        yield from self._rate("read_bytes_per_s", float(totals["read_bytes"]), time_s)
        yield from self._rate("written_bytes_per_s", float(totals["write_bytes"]), time_s)

    def _rate(self, name: str, total: float, time_s: float) -> Iterator[tuple[str, float]]:
        """The total's growth a second since the last sample; nothing at first and after a gap."""
        before = self._before.get(name)
        self._before[name] = (time_s, total)
        if before is None or total < before[1]:
            return
        passed_s = time_s - before[0]
        if 0 < passed_s <= self._longest_s:
            yield name, (total - before[1]) / passed_s
