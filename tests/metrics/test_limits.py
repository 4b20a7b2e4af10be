"""Limits of a process."""

from __future__ import annotations

import math
import os
import resource
from pathlib import Path

from arangolab.metrics.limits import cgroup_limits, lower, process_limits
from arangolab.resources import INDICATORS


def test_limits_of_this_process_are_what_the_system_says() -> None:
    """Descriptors, maps and cores are read where the kernel tells them."""
    found = process_limits(os.getpid())
    assert found["open_fds"] == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert found["memory_maps"] == int(Path("/proc/sys/vm/max_map_count").read_text())
    assert 0 < found["cores"] <= len(os.sched_getaffinity(0))
    assert found["memory_bytes"] > 1e6


def test_limits_are_named_as_the_indicators_ask_for_them() -> None:
    """No limit is read in vain."""
    assert set(process_limits(os.getpid())) <= {one.limit for one in INDICATORS}


def test_a_process_that_is_gone_has_only_the_hosts_limits() -> None:
    """No error; what cannot be read is left out."""
    assert "open_fds" not in process_limits(2**22 + 1)


def test_of_two_limits_the_one_that_is_reached_first_counts() -> None:
    """A server may be told to take less than its host has."""
    told, seen = {"memory_bytes": 1e9, "v8_contexts": 4.0}, {"memory_bytes": 8e9, "cores": 2.0}
    assert lower(told, seen) == {"memory_bytes": 1e9, "v8_contexts": 4.0, "cores": 2.0}


def put(folder: Path, **files: str) -> None:
    """Files of a control group."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text + "\n")


def test_the_tightest_control_group_counts(tmp_path: Path) -> None:
    """Version 2: one tree, in which a parent may be tighter than its child."""
    put(tmp_path / "system.slice", cpu__max="150000 100000", memory__max="max")
    put(
        tmp_path / "system.slice/db.service", cpu__max="max 100000", memory__max="5000000",
        pids__max="77",
    )  # fmt: skip
    found = cgroup_limits("0::/system.slice/db.service\n", tmp_path)
    assert found == {"cores": 1.5, "memory_bytes": 5e6, "threads": 77}
    assert set(cgroup_limits("0::/\n", tmp_path).values()) == {math.inf}


def test_control_groups_of_version_1(tmp_path: Path) -> None:
    """A tree for each controller; -1 is no limit."""
    put(tmp_path / "cpu,cpuacct/docker/x", cpu__cfs_quota_us="50000", cpu__cfs_period_us="100000")
    put(tmp_path / "memory/docker/x", memory__limit_in_bytes="1000")
    put(tmp_path / "pids/docker/x", pids__max="max")
    text = "4:cpu,cpuacct:/docker/x\n3:memory:/docker/x\n2:pids:/docker/x\n1:name=systemd:/y\n"
    found = cgroup_limits(text, tmp_path)
    assert found == {"cores": 0.5, "memory_bytes": 1000, "threads": math.inf}
    put(tmp_path / "cpu,cpuacct/docker/x", cpu__cfs_quota_us="-1")
    assert cgroup_limits(text, tmp_path)["cores"] == math.inf
