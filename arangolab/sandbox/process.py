"""The sandbox's own process, as the system tells of it."""

from __future__ import annotations

import fcntl
import os
import resource
from typing import Final

PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


class ProcFile:
    """A file of ``/proc/self`` that stays open: reading it needs no new descriptor."""

    def __init__(self, name: str) -> None:
        try:
            self._descriptor = os.open(f"/proc/self/{name}", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:  # a system without /proc
            self._descriptor = -1

    def words(self) -> list[str]:
        """What stands in it, split at spaces, behind the name of the program; empty if absent."""
        if self._descriptor < 0:
            return []
        return os.pread(self._descriptor, 4096, 0).decode().rpartition(")")[2].split()


_STAT: Final = ProcFile("stat")
_STATM: Final = ProcFile("statm")


def resident_bytes() -> int:
    """Memory of the process that is in RAM; 0 where the system does not tell."""
    words = _STATM.words()
    return int(words[1]) * PAGE_BYTES if words else 0


class ProcessState:
    """What the process uses now; zeros where there is no /proc."""

    def __init__(self) -> None:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        self.user_s = usage.ru_utime
        self.system_s = usage.ru_stime
        self.minor_faults = usage.ru_minflt
        self.major_faults = usage.ru_majflt
        stat, memory = _STAT.words(), _STATM.words()
        self.threads = int(stat[17]) if stat else 0
        self.virtual_bytes = int(memory[0]) * PAGE_BYTES if memory else 0
        self.resident_bytes = int(memory[1]) * PAGE_BYTES if memory else 0
        self.descriptors_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self.descriptors = _descriptors(self.descriptors_limit)


def _descriptors(limit: int) -> int:
    try:
        return len(os.listdir("/proc/self/fd")) - 1  # noqa: PTH208
    except OSError:  # no /proc, or no descriptor left to look with
        return sum(map(_is_open, range(min(limit, 1 << 16))))


def _is_open(number: int) -> bool:
    try:
        return fcntl.fcntl(number, fcntl.F_GETFD) >= 0
    except OSError:
        return False


def physical_memory_bytes() -> int:
    """The host's memory."""
    return os.sysconf("SC_PHYS_PAGES") * PAGE_BYTES


def limit_descriptors(most: int) -> None:
    """Let this process open at most so many files and sockets."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
