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

    Control groups (version 2, or 1) count.  What cannot be read, or has no limit, is left out.
    """
    groups = cgroup_limits(_text(Path(f"/proc/{pid}/cgroup")))
    found = {
        "cores": min(_cores(pid), groups["cores"]),
        "memory_bytes": min(_memory_total(), groups["memory_bytes"]),
        "open_fds": _rlimit(pid, "Max open files"),
        "memory_maps": _number(Path("/proc/sys/vm/max_map_count")),
        "threads": min(_number(Path("/proc/sys/kernel/threads-max")), groups["threads"]),
    }
    return {name: value for name, value in found.items() if math.isfinite(value)}


def cgroup_limits(membership: str, root: Path = _CGROUPS) -> dict[str, float]:
    """The tightest of a process's control groups and those above them; inf where there is none.

    ``membership``: the text of /proc/PID/cgroup (cgroups(7)), lines of
    ``number:controllers:path``; the controllers are empty for version 2.
    """
    found = {"cores": math.inf, "memory_bytes": math.inf, "threads": math.inf}
    for group in _groups(membership, root):
        for name, limit in (
            ("cores", min(_cpu_max(group), _cfs_quota(group))),
            ("memory_bytes", _number(group / "memory.max")),
            ("memory_bytes", _number(group / "memory.limit_in_bytes")),
            ("threads", _number(group / "pids.max")),
        ):
            found[name] = min(found[name], limit)
    return found


def lower(told: Mapping[str, float], seen: Mapping[str, float]) -> dict[str, float]:
    """What a server tells of its limits and what is seen of them: of each, the one reached first.

    A server may be told to take less than its host has.
    """
    return {
        name: min(told.get(name, math.inf), seen.get(name, math.inf)) for name in {*told, *seen}
    }


def _groups(membership: str, root: Path) -> Iterator[Path]:
    """The folders of a process's control groups, from the root's own downwards."""
    yield root
    for line in membership.splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        folder = root / controllers if controllers else root
        yield folder
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


def _cfs_quota(group: Path) -> float:
    """The same of version 1, which says -1 for no limit."""
    quota, period = _number(group / "cpu.cfs_quota_us"), _number(group / "cpu.cfs_period_us")
    return quota / period if math.isfinite(quota) and 0 < period < math.inf else math.inf


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
