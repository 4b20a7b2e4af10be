"""The sandbox's own process, as the system tells of it."""

from __future__ import annotations

import errno
import os
import resource
import threading
from pathlib import Path
from typing import Final

PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_STATM: Final = Path("/proc/self/statm")
_OPENED: Final = os.open(_STATM, os.O_RDONLY | os.O_CLOEXEC) if _STATM.exists() else -1
"""Stays open: reading it needs no new descriptor.  -1 on a system without /proc."""


def _memory_bytes(place: int) -> int:
    return int(os.pread(_OPENED, 4096, 0).split()[place]) * PAGE_BYTES if _OPENED >= 0 else 0


def resident_bytes() -> int:
    """Memory of the process that is in RAM; 0 where the system does not tell."""
    return _memory_bytes(1)


class ProcessState:
    """What the process uses now; zeros where there is no /proc."""

    def __init__(self) -> None:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        self.user_s, self.system_s = usage.ru_utime, usage.ru_stime
        self.minor_faults, self.major_faults = usage.ru_minflt, usage.ru_majflt
        self.threads = threading.active_count()
        self.virtual_bytes, self.resident_bytes = _memory_bytes(0), _memory_bytes(1)
        self.descriptors_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        try:
            self.descriptors = len(os.listdir("/proc/self/fd")) - 1  # noqa: PTH208
        except OSError as error:  # no descriptor left to look with, or no /proc
            self.descriptors = self.descriptors_limit if error.errno == errno.EMFILE else 0


def physical_memory_bytes() -> int:
    """The host's memory."""
    return os.sysconf("SC_PHYS_PAGES") * PAGE_BYTES
