"""The limits of a process on this host, against which its use is read."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

_CGROUPS: Final = Path("/sys/fs/cgroup")


def process_limits(pid: int) -> dict[str, float]:
    """Limits by indicators' names: cores, memory_bytes, open_fds, memory_maps, threads.

    Control groups (version 2) count.  What cannot be read, or has no limit, is left out.
    """
    groups = tuple(_groups(pid))
    found = {
        "cores": min(_cores(pid), *(_cpu_max(g) for g in groups), math.inf),
        "memory_bytes": min(_memory_total(), *(_number(g / "memory.max") for g in groups)),
        "open_fds": _rlimit(pid, "Max open files"),
        "memory_maps": _number(Path("/proc/sys/vm/max_map_count")),
        "threads": min(
            _number(Path("/proc/sys/kernel/threads-max")),
            *(_number(g / "pids.max") for g in groups),
        ),
    }
    return {name: value for name, value in found.items() if math.isfinite(value)}


def lower(told: Mapping[str, float], seen: Mapping[str, float]) -> dict[str, float]:
    """What a server tells of its limits and what is seen of them: of each, the one reached first.

    A server may be told to take less than its host has.
    """
    return {
        name: min(told.get(name, math.inf), seen.get(name, math.inf)) for name in {*told, *seen}
    }


def _groups(pid: int) -> Iterator[Path]:
    """The process's control group and those above it, the root's own first."""
    yield _CGROUPS
    for line in _text(Path(f"/proc/{pid}/cgroup")).splitlines():
        number, _, path = line.split(":", 2)
        if number == "0":
            folder = _CGROUPS
            for part in Path(path.lstrip("/")).parts:
                folder = folder / part
                yield folder


def _cores(pid: int) -> float:
    try:
        return float(len(os.sched_getaffinity(pid)))
    except OSError:
        return float(os.cpu_count() or math.inf)


def _cpu_max(group: Path) -> float:
    """Cores allowed by ``cpu.max`` ("QUOTA PERIOD" or "max PERIOD")."""
    quota, _, period = _text(group / "cpu.max").strip().partition(" ")
    try:
        return float(quota) / float(period)
    except ValueError:
        return math.inf


def _memory_total() -> float:
    for line in _text(Path("/proc/meminfo")).splitlines():
        if line.startswith("MemTotal:"):
            return float(line.split()[1]) * 1024
    return math.inf


def _rlimit(pid: int, name: str) -> float:
    """The soft limit; inf when there is none or it cannot be read."""
    for line in _text(Path(f"/proc/{pid}/limits")).splitlines():
        if line.startswith(name):
            value = line[len(name) :].split()[0]
            return float(value) if value.isdigit() else math.inf
    return math.inf


def _number(file: Path) -> float:
    text = _text(file).strip()
    return float(text) if text.isdigit() else math.inf


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
