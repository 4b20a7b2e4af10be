"""The sandbox as a process: how it starts, what it tells, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import requests

from arangolab.errors import SandboxError
from arangolab.sandbox.launcher import SandboxProcess, start
from tests.sandbox.client import Client
from tests.support import until

COMMAND = (sys.executable, "-m", "arangolab.sandbox", "--port", "0")


def process(*options: str) -> subprocess.Popen[str]:
    """The command line's process."""
    return subprocess.Popen(
        [*COMMAND, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def first_line(child: subprocess.Popen[str]) -> str:
    """What it says first."""
    assert child.stdout is not None
    return child.stdout.readline()


def test_the_first_line_tells_url_and_pid() -> None:
    """With --json, one object with url, pid, version and user; SIGTERM ends it with status 0."""
    with process("--json") as child:
        told = json.loads(first_line(child))
        assert told.keys() == {"url", "pid", "version", "user"}
        assert told["pid"] == child.pid
        assert requests.get(told["url"] + "/_api/version", timeout=5).status_code == 401
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == 0


def test_a_readable_line_and_ctrl_c() -> None:
    """Without --json a sentence with the URL; SIGINT ends it with status 0."""
    with process("--no-auth") as child:
        line = first_line(child)
        url = next(word for word in line.split() if word.startswith("http"))
        assert requests.get(url + "/_api/version", timeout=5).json()["server"] == "arango"
        assert requests.post(url + "/_open/auth", json={}, timeout=5).status_code == 404
        child.send_signal(signal.SIGINT)
        assert child.wait(10) == 0


def test_it_ends_when_stdin_does_or_time_is_over() -> None:
    """--parent-watch ends with standard input, --max-seconds with the time."""
    with process("--parent-watch", "--json") as child:
        first_line(child)
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(10) == 0
    with process("--max-seconds", "0.1", "--json") as child:
        assert child.wait(10) == 0


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (("--v8-contexts", "0"), 2, "--v8-contexts cannot be used: from 1 to 1024 are possible."),
        (("--v8-wait", "-1"), 2, "--v8-wait cannot be used"),
        (("--data", "/nix/da"), 1, "The file /nix/da of --data cannot be used"),
        (("--host", "192.0.2.1"), 1, "cannot listen on 192.0.2.1"),
    ],
)
def test_options_that_cannot_be_used(options: tuple[str, ...], status: int, said: str) -> None:
    """One clear sentence on stderr."""
    done = subprocess.run([*COMMAND, *options], capture_output=True, text=True, timeout=30)
    assert done.returncode == status
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_port_in_use(sandbox: SandboxProcess) -> None:
    """A taken port is one sentence, from the command line and from start()."""
    port = sandbox.url.rpartition(":")[2]
    done = subprocess.run([*COMMAND, "--port", port], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    with pytest.raises(SandboxError, match="cannot listen"):
        start(port=int(port))


def test_the_password_is_roots() -> None:
    """The password given is needed, and never stands in the process's arguments."""
    with start(password="se:cret") as sandbox:
        client = Client(sandbox)
        assert client.get("/_api/version")["server"] == "arango"
        client.session.auth = ("root", "")
        assert client.ask("GET", "/_api/version").status_code == 401
        assert "se:cret" not in " ".join(psutil.Process(sandbox.pid).cmdline())
        assert "se:cret" not in repr(sandbox) + sandbox._repr_html_()
    assert not sandbox.alive


def test_the_child_dies_with_its_parent(tmp_path: Path) -> None:
    """Even if the parent is killed."""
    code = (
        "from arangolab.sandbox.launcher import start; import os, signal\n"
        "print(start().pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, cwd=tmp_path
    )
    pid = int(done.stdout)
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie")


def test_stop_twice_and_after_a_crash() -> None:
    """Stopping what has ended does nothing."""
    sandbox = start()
    os.kill(sandbox.pid, signal.SIGKILL)
    until(lambda: not sandbox.alive)
    sandbox.stop()
    sandbox.stop()


def test_help_is_for_newcomers() -> None:
    """--help names each option with its default."""
    done = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, timeout=30)
    for option in ("--v8-contexts", "--v8-wait", "--transaction-delay", "--max-seconds"):
        assert option in done.stdout
