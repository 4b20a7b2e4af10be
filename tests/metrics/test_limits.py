"""Limits of a process."""

from __future__ import annotations

import os
import resource
from pathlib import Path

from arangolab.metrics.limits import lower, process_limits
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
