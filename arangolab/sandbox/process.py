"""The sandbox's own process, as the system tells of it."""

from __future__ import annotations

import errno
import os
import resource
from typing import Final

PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


def _opened(name: str) -> int:
    """A file of ``/proc/self`` that stays open: reading it needs no new descriptor."""
    try:
        return os.open(f"/proc/self/{name}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # a system without /proc
        return -1


_STAT, _STATM = _opened("stat"), _opened("statm")


def _number(descriptor: int, place: int) -> int:
    """The number at a place behind the name of the program; 0 where there is no /proc."""
    if descriptor < 0:
        return 0
    return int(os.pread(descriptor, 4096, 0).rpartition(b")")[2].split()[place])


def resident_bytes() -> int:
    """Memory of the process that is in RAM; 0 where the system does not tell."""
    return _number(_STATM, 1) * PAGE_BYTES


class ProcessState:
    """What the process uses now; zeros where there is no /proc."""

    def __init__(self) -> None:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        self.user_s, self.system_s = usage.ru_utime, usage.ru_stime
        self.minor_faults, self.major_faults = usage.ru_minflt, usage.ru_majflt
        self.threads = _number(_STAT, 17)
        self.virtual_bytes = _number(_STATM, 0) * PAGE_BYTES
        self.resident_bytes = resident_bytes()
        self.descriptors_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        try:
            self.descriptors = len(os.listdir("/proc/self/fd")) - 1  # noqa: PTH208
        except OSError as error:  # no descriptor left to look with, or no /proc
            self.descriptors = self.descriptors_limit if error.errno == errno.EMFILE else 0


def physical_memory_bytes() -> int:
    """The host's memory."""
    return os.sysconf("SC_PHYS_PAGES") * PAGE_BYTES


def limit_descriptors(most: int) -> None:
    """Let this process open at most so many files and sockets."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
