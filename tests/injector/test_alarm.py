"""The alarm that starts scenarios: in a process of its own, as gevent never enters this one."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

WAITS = """
import json, time
import gevent
from arangolab.injector.alarm import Alarm

alarm, said = Alarm(), {}
late_s = []
for _ in range(200):
    due_s = time.monotonic() + 0.0013
    alarm.wait_until(due_s)
    late_s.append(time.monotonic() - due_s)
said["early"] = sum(late < 0 for late in late_s)
said["median_late_s"] = sorted(late_s)[100]

gevent.spawn_later(0.05, alarm.ring)
from_s = time.monotonic()
alarm.wait_until(float("inf"))
said["rung_after_s"] = time.monotonic() - from_s

alarm.wait_until(time.monotonic() - 1)
alarm.ring()
alarm.wait_until(time.monotonic() + 1000)
said["past_and_rung_before"] = True
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def said() -> dict[str, float]:
    """What happened there."""
    done = subprocess.run(
        [sys.executable, "-c", WAITS], capture_output=True, text=True, timeout=30, check=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def test_it_never_wakes_early_by_itself(said: dict[str, float]) -> None:
    """And usually well within the millisecond that epoll rounds to."""
    assert said["early"] == 0
    assert said["median_late_s"] < 1e-3


def test_a_ring_wakes_before_the_time_also_one_that_came_before_the_wait(
    said: dict[str, float],
) -> None:
    """So that a changed rate is heard at once, and none is missed."""
    assert 0.04 < said["rung_after_s"] < 5
    assert said["past_and_rung_before"]
