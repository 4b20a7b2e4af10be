"""Debian's collectd as a child: configured, listening, ending with whoever started it."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arangolab.errors import RunError
from arangolab.metrics.collectd import child as module
from arangolab.metrics.collectd.child import CollectdChild
from arangolab.metrics.collectd.config import Config, command_match, quoted, remote_lines
from tests.support import only_one, require, until


@pytest.fixture
def collectd() -> None:
    """Skip where there is no collectd; CI has one."""
    require("collectd", Path("/usr/sbin/collectd").exists())


def send(port: int, text: str) -> None:
    """A statsd packet."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(text.encode(), ("127.0.0.1", port))


words = st.lists(st.text(st.characters(codec="ascii", exclude_categories=("C",)), min_size=1))


@given(words, words)
def test_the_expression_matches_its_command_line_and_no_other(
    these: list[str], others: list[str]
) -> None:
    """Whatever characters an expression has a use for stand in it."""
    command = "".join(word + "\0" for word in ["/usr/sbin/arangod", *these]).encode()
    line = command.rstrip(b"\0").replace(b"\0", b" ").decode().rstrip()
    match = command_match(command)
    assert re.search(match, line)
    assert not re.search(match, "runuser -u arangodb -- " + line)
    other = " ".join(["/usr/sbin/arangod", *others]).rstrip()
    assert other == line or not re.search(match, other)


def test_text_is_quoted_as_collectd_reads_it() -> None:
    """Backslashes and quotation marks are escaped."""
    assert quoted('a "b" \\c') == '"a \\"b\\" \\\\c"'


def test_what_another_host_needs_is_told() -> None:
    """Both the server's process and where to send it to."""
    lines = remote_lines("10.0.0.7", 25826)
    assert '<Server "10.0.0.7" "25826">' in lines
    assert "ProcessMatch" in lines
    match = re.search(r'ProcessMatch "server" "(.*)"', lines)
    assert match is not None
    for command, matches in {
        "/usr/sbin/arangod --database.directory /x": True,
        "arangod": True,
        "sh -c /usr/sbin/arangod": False,
        "/usr/bin/arangodump": False,
    }.items():
        assert bool(re.search(match[1], command)) == matches


@pytest.mark.slow
@pytest.mark.usefixtures("collectd")
def test_it_listens_writes_and_ends(tmp_path: Path) -> None:
    """The values of statsd and of the watched process are in its files; nothing went wrong."""
    with only_one() as pid:
        child = CollectdChild(tmp_path / "c", server_pid=pid, interval_s=0.5)
        until(lambda: _sent_and_there(child, tmp_path))
        counts = "csv/lab/processes-server/ps_count-*"
        (count,) = until(lambda: list((tmp_path / "c").glob(counts)))
        until(lambda: len(count.read_text().splitlines()) >= 3)
        assert child.troubles() == []
        child.close()
    assert not child.alive
    assert count.read_text().splitlines()[-1].split(",")[1] == "1.000000"


def _sent_and_there(child: CollectdChild, folder: Path) -> bool:
    send(child.port, "hello:1|c")
    return bool(list(folder.glob("c/csv/lab/statsd/derive-hello-*")))


@pytest.mark.slow
@pytest.mark.usefixtures("collectd")
def test_it_dies_with_whoever_started_it(tmp_path: Path) -> None:
    """Also when that one was killed."""
    code = (
        "import sys, pathlib\n"
        "from arangolab.metrics.collectd.child import CollectdChild\n"
        "child = CollectdChild(pathlib.Path(sys.argv[1]), server_pid=None, interval_s=1.0)\n"
        "print(child.pid, flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "c")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as starter:  # fmt: skip
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        assert psutil.Process(pid).name() == "collectd"
        starter.send_signal(signal.SIGKILL)
        starter.wait()
        until(lambda: not psutil.pid_exists(pid))


@pytest.mark.slow
@pytest.mark.usefixtures("collectd")
def test_a_port_that_is_taken_is_said_in_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Collectd itself would go on without statsd."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        monkeypatch.setattr(module, "_free_port", lambda: port)
        with pytest.raises(RunError, match=r"does not listen.*bind\(2\)"):
            CollectdChild(tmp_path / "c", server_pid=None, interval_s=1.0)


@pytest.mark.slow
@pytest.mark.usefixtures("collectd")
def test_a_configuration_it_refuses_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With where its log is."""
    whole = Config.text
    monkeypatch.setattr(Config, "text", lambda self: whole(self) + "<Plugin broken>\n")
    with pytest.raises(RunError, match="does not listen for statsd lines"):
        CollectdChild(tmp_path / "c", server_pid=None, interval_s=1.0)


def test_no_collectd_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That names the package."""
    monkeypatch.setattr(module.shutil, "which", lambda _: None)
    with pytest.raises(RunError, match=r"no collectd on this host.*collectd-core"):
        CollectdChild(tmp_path / "c", server_pid=None, interval_s=1.0)
