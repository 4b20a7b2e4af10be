"""The host's samples, by files as Linux writes them and by a neighbour that is really there."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from arangolab.metrics.host import HostSampler

BURN = """
import sys, time
end = time.process_time() + 0.4
while time.process_time() < end: pass
print("done", flush=True)
sys.stdin.read()
"""


def write(proc: Path, user: int, iowait: int, steal: int, own: int, disk_ms: int) -> None:
    """A /proc with one process of the test, 7."""
    (proc / "7").mkdir(parents=True, exist_ok=True)
    (proc / "stat").write_text(f"cpu  {user} 0 100 9000 {iowait} 5 5 {steal} 0 0\ncpu0 1 2\n")
    (proc / "7" / "stat").write_text(f"7 (a ) b) S {'0 ' * 10}{own} 0 0 0\n")
    (proc / "diskstats").write_text(
        f" 8 0 sda 1 0 8 2 1 0 8 2 0 {disk_ms} 4\n 7 0 loop0 1 0 8 2 1 0 8 2 0 99999 4\n"
    )


def test_cpu_of_others_is_what_the_host_used_and_the_test_did_not(tmp_path: Path) -> None:
    """Ticks become cores; steal and waiting for disks are told apart."""
    per_s = os.sysconf("SC_CLK_TCK")
    write(tmp_path, user=1000, iowait=0, steal=0, own=50, disk_ms=1000)
    host = HostSampler(7, proc=tmp_path)
    first = {s.name for s in host.sample(0.0)}
    assert first == {"clock_offset_s", "cores"}
    write(tmp_path, user=1000 + 3 * per_s, iowait=per_s, steal=per_s // 2, own=50 + per_s,
          disk_ms=1800)  # fmt: skip
    found = {s.name: s.value for s in host.sample(2.0)}
    assert found["cpu_busy_cores"] == pytest.approx(1.5)
    assert found["cpu_others_cores"] == pytest.approx(1.0)
    assert found["cpu_iowait_cores"] == pytest.approx(0.5)
    assert found["cpu_steal_cores"] == pytest.approx(0.25)
    assert found["disk_busy_ratio"] == pytest.approx(0.4)


def test_a_host_that_tells_nothing_leaves_its_clock_and_cores(tmp_path: Path) -> None:
    """No /proc, no error."""
    host = HostSampler(7, proc=tmp_path / "nowhere")
    host.sample(0.0)
    assert {s.name for s in host.sample(1.0)} == {"clock_offset_s", "cores"}


def test_children_belong_to_the_test_and_strangers_do_not() -> None:
    """What a child of ours burns is not taken for a neighbour's, what another burns is."""
    began_s = time.monotonic()
    host, alone = HostSampler(os.getpid()), HostSampler()
    host.sample(0.0)
    alone.sample(0.0)
    child = subprocess.Popen(
        [sys.executable, "-c", BURN], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    host.sample(time.monotonic() - began_s)
    child.stdout.readline()
    lasted_s = time.monotonic() - began_s
    ours = {s.name: s.value for s in host.sample(lasted_s)}
    all_ = {s.name: s.value for s in alone.sample(lasted_s)}
    child.communicate()
    assert all_["cpu_others_cores"] == pytest.approx(all_["cpu_busy_cores"])
    assert ours["cpu_others_cores"] <= ours["cpu_busy_cores"]
    assert host._before["own"][1] >= 0.3
