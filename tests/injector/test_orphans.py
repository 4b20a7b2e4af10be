"""No injector outlives its runner, however the runner ends."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.injector.drive import Drive, pace, setup_for
from tests.injector.stub import Stub
from tests.support import until

ROOT = Path(__file__).parents[2]

PARENT = """
import subprocess, sys, time
sys.path.insert(0, {root!r})
from tests.injector.drive import Drive, pace, setup_for
drive = Drive(setup_for({url!r}))
drive.go(pace(20))
print(drive.injector.pid, flush=True)
{more}
while True:
    drive.pump(1)
"""

HOLDER = """
stdin = drive.injector._process.stdin.fileno()
holder = subprocess.Popen(["sleep", "20"], pass_fds=[stdin], stdout=subprocess.DEVNULL)
print(holder.pid, flush=True)
"""


def gone(pid: int) -> bool:
    """Whether the process has ended (a zombie has)."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def start_parent(url: str, more: str = "") -> subprocess.Popen[str]:
    """A process that drives an injector as a runner would."""
    code = PARENT.format(root=str(ROOT), url=url, more=more)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_it_ends_when_its_parent_is_killed() -> None:
    """Kill -9 of the parent: its stdin ends, and so does it, within two seconds."""
    with Stub() as stub, start_parent(stub.url) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert not gone(pid)
        parent.kill()
        until(lambda: gone(pid), timeout_s=2.0)


@pytest.mark.slow
def test_it_ends_even_when_another_process_holds_its_stdin_open() -> None:
    """A sibling that inherited the pipe keeps it from ending; the change of parent is seen."""
    with Stub() as stub, start_parent(stub.url, HOLDER) as parent:
        assert parent.stdout is not None
        pid, holder = int(parent.stdout.readline()), int(parent.stdout.readline())
        try:
            parent.kill()
            until(lambda: gone(pid), timeout_s=2.0)
            assert not gone(holder)
        finally:
            psutil.Process(holder).kill()


@pytest.mark.slow
def test_it_ends_at_its_deadline() -> None:
    """Even when nobody says stop."""
    with Stub() as stub, Drive(setup_for(stub.url, deadline_s=1.0)) as drive:
        began_s = time.monotonic()
        drive.go(pace(20))
        assert drive.await_exit(30.0).returncode == 4
        assert time.monotonic() - began_s < 15.0


def test_it_ends_when_its_stdin_is_closed() -> None:
    """Closing an injector leaves no process and no zombie."""
    with Stub() as stub:
        with Drive(setup_for(stub.url)) as drive:
            drive.go(pace(20))
            pid = drive.injector.pid
        assert not psutil.pid_exists(pid)
