"""All processes of a server that has several, such as a cluster on one host, as one."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Final

from arangolab.metrics.procfs import ProcessGone, ProcessSampler
from arangolab.metrics.register import NAMES
from arangolab.metrics.sample import Sample

_LARGEST: Final = frozenset({"open_fds", "memory_maps"})
"""What each process has a limit of its own for: told is the largest, not the sum."""


class GroupSampler:
    """Samples of a process and of those that share its process group, newcomers included."""

    def __init__(self, pid: int, interval_s: float = math.inf) -> None:
        """As a ProcessSampler; raises ProcessGone when there is no such process."""
        self.pid = pid
        self._interval_s = interval_s
        self._samplers = {pid: ProcessSampler(pid, interval_s)}
        self._group = os.getpgid(pid)
        self._cost_s = 0.0
        self.samples = 0
        """How many samples were taken."""

    @property
    def missing(self) -> dict[str, str]:
        """Why a field is not sampled of one of them, by name."""
        return {k: v for one in self._samplers.values() for k, v in one.missing.items()}

    @property
    def cost_s(self) -> float:
        """CPU time that the samples took, all together."""
        return self._cost_s + sum(one.cost_s for one in self._samplers.values())

    def sample(self, time_s: float) -> list[Sample]:
        """CPU, memory, threads and I/O summed; descriptors and maps of the process with most.

        Raises ProcessGone when the first process has ended.
        """
        self._look_for_newcomers()
        values: dict[str, float] = {"processes": 0.0}
        for pid, sampler in list(self._samplers.items()):
            try:
                samples = sampler.sample(time_s)
            except ProcessGone:
                if pid == self.pid:
                    raise
                self._cost_s += self._samplers.pop(pid).cost_s
                continue
            values["processes"] += 1
            for one in samples:
                known = values.get(one.name, 0.0)
                largest = one.name in _LARGEST
                values[one.name] = max(known, one.value) if largest else known + one.value
        self.samples += 1
        return [Sample(time_s, "proc", n, v, NAMES["proc", n][0]) for n, v in values.items()]

    def _look_for_newcomers(self) -> None:
        for entry in Path("/proc").iterdir():
            pid = int(entry.name) if entry.name.isdigit() else 0
            if not pid or pid in self._samplers:
                continue
            try:
                if os.getpgid(pid) == self._group:
                    self._samplers[pid] = ProcessSampler(pid, self._interval_s)
            except (OSError, ProcessGone):
                continue
