"""What a sample of a process costs, against psutil.

    python -m tests.benchmarks.process_sampler [--samples 200] [--quick]

Processes of about 100 and of 10,000 memory maps, with 500 open files; CPU and elapsed time.
"""

from __future__ import annotations

import contextlib
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil

from arangolab.metrics import procfs
from arangolab.metrics.procfs import ProcessSampler
from tests.benchmarks.common import options, say

CHILD = """
import mmap, os, resource, sys
maps, files = int(sys.argv[1]), int(sys.argv[2])
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
kept, modes = [], (mmap.PROT_READ, mmap.PROT_READ | mmap.PROT_WRITE)
def count():
    with open("/proc/self/maps", "rb") as file: return file.read().count(b"\\n")
while count() < maps:
    kept += [mmap.mmap(-1, 4096, prot=modes[n % 2]) for n in range(max(2, (maps - count()) // 2))]
for _ in range(files): os.dup(0)
print(count(), flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def process(maps: int, files: int = 500) -> Iterator[tuple[int, int]]:
    """(pid, memory maps) of a process that holds so many."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(maps), str(files)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert child.stdout is not None
        yield child.pid, int(child.stdout.readline())
    finally:
        child.communicate()


def main() -> None:
    """A table for each number of maps."""
    asked = options(__doc__ or "", samples=200.0)
    slow_s, procfs.SLOW_S = procfs.SLOW_S, math.inf  # type: ignore[misc]  # measured each time
    samples = int(min(2000, asked.samples / (10 if asked.quick else 1)))
    for maps in (100, 10_000):
        with process(maps) as (pid, counted):
            say(f"{counted:,} memory maps, 500 open files:")
            report(pid, samples if maps < 1000 else max(10, samples // 5))
    say(
        f"In a run, counting maps is put off once it takes more than {slow_s * 1e3:g} ms: "
        "to a hundred times as long as it took"
    )


def report(pid: int, samples: int) -> None:
    """Ours, whole and in parts; psutil's."""
    whole, theirs = ProcessSampler(pid), psutil.Process(pid)
    clock = iter(range(10**9))
    without = ProcessSampler(pid)
    without.missing["memory_maps"] = "left out here"

    def oneshot() -> None:
        with theirs.oneshot():
            theirs.cpu_times()
            theirs.num_threads()
            theirs.memory_info()
            theirs.num_fds()
            theirs.io_counters()

    def psutil_all() -> None:
        oneshot()
        len(theirs.memory_maps(grouped=False))

    ours_s = report_one("arangolab, a whole sample", lambda: whole.sample(next(clock)), samples)
    bare_s = report_one("arangolab, without maps", lambda: without.sample(next(clock)), samples)
    few = max(5, samples // 10)
    all_s = report_one("psutil, the same with memory_maps", psutil_all, few)
    bare_theirs_s = report_one("psutil, without maps (oneshot)", oneshot, samples)
    say(
        f"  psutil / arangolab: {all_s / ours_s:.0f} times as long for a whole sample, "
        f"{bare_theirs_s / bare_s:.1f} without maps"
    )


def report_one(name: str, call: Callable[[], Any], times: int) -> float:
    """Median seconds."""
    call()
    took_s = []
    cpu_s = time.process_time()
    for _ in range(times):
        began_s = time.perf_counter()
        call()
        took_s.append(time.perf_counter() - began_s)
    cpu_s = (time.process_time() - cpu_s) / times
    median_s = statistics.median(took_s)
    say(f"  {name:34} {median_s * 1e6:10,.0f} us median, {cpu_s * 1e6:10,.0f} us CPU ({times} x)")
    return median_s


if __name__ == "__main__":
    main()
