"""A server of several processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from arangolab.metrics.group import GroupSampler
from arangolab.metrics.procfs import ProcessGone
from tests.support import until

PARENT = """
import subprocess, sys, threading
HELD = "import os, sys; [os.dup(0) for _ in range(40)]; print(1, flush=True); sys.stdin.read()"
children = []
print("here", flush=True)
for line in sys.stdin:
    if line == "more\\n":
        child = subprocess.Popen([sys.executable, "-c", HELD], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE)
        child.stdout.readline()
        children.append(child)
    else:
        children.pop().communicate()
    print("here", flush=True)
for child in children: child.communicate()
"""


class Family:
    """A process that has children when told to, in a group of its own."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, start_new_session=True,
        )  # fmt: skip
        self._answered()

    def tell(self, what: str) -> None:
        """Have it done."""
        assert self.process.stdin is not None
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        self._answered()

    def _answered(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "here\n"


@pytest.fixture
def family() -> Iterator[Family]:
    """It ends with the test."""
    made = Family()
    yield made
    made.process.communicate()


def test_newcomers_count_and_those_who_left_do_not(family: Family) -> None:
    """Threads and memory are summed; descriptors are those of the process that has most."""
    sampler = GroupSampler(family.process.pid)
    alone = {s.name: s.value for s in sampler.sample(0.0)}
    assert alone["processes"] == 1
    family.tell("more")
    family.tell("more")
    both = {s.name: s.value for s in sampler.sample(1.0)}
    assert both["processes"] == 3
    assert both["threads"] >= alone["threads"] + 2
    assert both["rss_bytes"] > 1.5 * alone["rss_bytes"]
    assert 43 <= both["open_fds"] < 80
    family.tell("less")
    assert {s.name: s.value for s in sampler.sample(2.0)}["processes"] == 2


def test_it_ends_with_the_process_that_listens(family: Family) -> None:
    """The others are not the server."""
    sampler = GroupSampler(family.process.pid)
    family.process.kill()
    family.process.wait()
    until(lambda: family.process.poll() is not None)
    with pytest.raises(ProcessGone):
        sampler.sample(1.0)
