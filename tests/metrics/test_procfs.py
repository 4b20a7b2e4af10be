"""What is read of a process, compared with a process of known use."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from arangolab.metrics import procfs
from arangolab.metrics.procfs import ProcessGone, ProcessSampler

CHILD = """
import mmap, os, sys, threading, time
held = threading.Event()
def ready(): print("ready", flush=True)
ready()
for line in sys.stdin:
    what, number = line.split()
    for _ in range(int(number)):
        if what == "threads": threading.Thread(target=held.wait, daemon=True).start()
        if what == "fds": os.dup(0)
        if what == "maps":  # between two mappings of another kind, so that none is merged
            keep = globals().setdefault("keep", [])
            keep.append(mmap.mmap(-1, 4096, prot=mmap.PROT_READ))
            keep.append(mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE))
        if what == "burn":
            end = time.process_time() + 0.001
            while time.process_time() < end: pass
        if what == "write":
            with open(sys.argv[1], "wb") as f: f.write(bytes(1 << 20)); os.fsync(f.fileno())
    ready()
"""


class Child:
    """A process that takes what it is told to."""

    def __init__(self, file: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHILD, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        self._answered()

    def tell(self, what: str, number: int) -> None:
        """Have it done."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{what} {number}\n")
        self.process.stdin.flush()
        self._answered()

    def _answered(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"


@pytest.fixture
def child(tmp_path: os.PathLike[str]) -> Iterator[Child]:
    """A child process."""
    made = Child(os.path.join(tmp_path, "written"))  # noqa: PTH118
    yield made
    made.process.kill()
    made.process.communicate()


def values(sampler: ProcessSampler, time_s: float) -> dict[str, float]:
    """A sample by name."""
    return {sample.name: sample.value for sample in sampler.sample(time_s)}


def test_levels_follow_the_process(child: Child) -> None:
    """Threads, descriptors and memory maps are counted exactly."""
    sampler = ProcessSampler(child.process.pid)
    before = values(sampler, 0.0)
    child.tell("fds", 11)
    child.tell("maps", 8)
    child.tell("threads", 5)
    after = values(sampler, 1.0)
    assert after["open_fds"] - before["open_fds"] == 11
    assert after["threads"] - before["threads"] == 5
    assert after["memory_maps"] - before["memory_maps"] >= 16
    assert after["rss_bytes"] > 1e6
    with open(f"/proc/{child.process.pid}/maps") as maps:  # noqa: PTH123
        assert after["memory_maps"] == len(maps.readlines())


def test_rates_come_with_the_second_sample(child: Child) -> None:
    """CPU in cores and bytes per second over the time between two samples."""
    sampler = ProcessSampler(child.process.pid)
    assert "cpu_user_cores" not in values(sampler, 0.0)
    child.tell("burn", 200)
    found = values(sampler, 0.5)
    assert 0.2 <= found["cpu_user_cores"] + found["cpu_system_cores"] <= 1.5
    child.tell("write", 1)
    assert values(sampler, 1.5)["written_bytes_per_s"] >= 0


def test_a_process_that_has_gone(child: Child) -> None:
    """Killed and not yet waited for, or gone for good: ProcessGone, never a half sample."""
    sampler = ProcessSampler(child.process.pid)
    child.process.kill()
    os.waitid(os.P_PID, child.process.pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(ProcessGone, match="has ended"):
        sampler.sample(1.0)
    child.process.wait()
    with pytest.raises(ProcessGone):
        sampler.sample(2.0)
    with pytest.raises(ProcessGone):
        ProcessSampler(child.process.pid)


def test_another_process_of_the_same_number_is_not_sampled(child: Child) -> None:
    """The start time tells whose number it is."""
    sampler = ProcessSampler(child.process.pid)
    sampler._started = "1"
    with pytest.raises(ProcessGone):
        sampler.sample(1.0)


def test_slow_memory_maps_are_read_less_often(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process with very many maps is not slowed down by counting them each second."""
    monkeypatch.setattr(procfs, "SLOW_S", -1.0)
    sampler = ProcessSampler(child.process.pid)
    assert "memory_maps" in values(sampler, 0.0)
    sampler._maps_due_s += 3600
    assert "memory_maps" not in values(sampler, 1.0)


@pytest.mark.skipif(
    os.getuid() != 0 and Path("/proc/1").stat().st_uid == os.getuid(),
    reason="there is no process of another account",
)
def test_what_may_not_be_read_is_left_out_with_a_word() -> None:
    """Another user's process: CPU, threads and memory are there, the rest is named."""
    code = (
        "import os, sys\n"
        "from arangolab.metrics.procfs import ProcessSampler\n"
        "if os.getuid() == 0: os.setgid(65534); os.setuid(65534)\n"
        "s = ProcessSampler(int(sys.argv[1]))\n"
        "print(sorted(x.name for x in s.sample(0.0)), sorted(s.missing))\n"
    )
    pid = os.getpid() if os.getuid() == 0 else 1
    done = subprocess.run(
        [sys.executable, "-c", code, str(pid)], capture_output=True, text=True, check=True
    )
    assert "'rss_bytes', 'threads'" in done.stdout
    assert "['io', 'memory_maps']" in done.stdout


def test_what_sampling_costs_is_counted(child: Child) -> None:
    """CPU time of its own, all samples together."""
    sampler = ProcessSampler(child.process.pid)
    for n in range(50):
        sampler.sample(float(n))
    assert sampler.samples == 50
    assert 0 < sampler.cost_s < 5


def test_where_samples_are_missing_there_is_no_rate(child: Child) -> None:
    """What was used over several intervals tells of none of them; the next one counts again."""
    sampler = ProcessSampler(child.process.pid, interval_s=1.0)
    told = ["cpu_user_cores" in values(sampler, time_s) for time_s in (0.0, 1.0, 4.0, 9.0, 10.0)]
    assert told == [False, True, True, False, True]
