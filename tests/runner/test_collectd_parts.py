"""Each way collectd comes into a run, and what is said when it is not as it should be."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from arangolab.errors import RunError
from arangolab.measuring import Measuring
from arangolab.metrics.collectd import child as child_module
from arangolab.metrics.collectd import typesdb
from arangolab.metrics.collectd.config import Config
from arangolab.metrics.collectd.watched import ServerHost, Watched
from arangolab.metrics.note import Note
from arangolab.metrics.sample import Sample
from arangolab.runner.collectd_child import ChildSource
from arangolab.runner.collectd_files import FilesSource
from arangolab.runner.collectd_packets import PacketSource
from arangolab.runner.wall import WallClock
from tests.metrics.collectd.test_readers import made_rrd
from tests.metrics.collectd.test_values import gauges, part, text
from tests.support import only_one, require, until

TYPES = typesdb.load()


@pytest.fixture
def real() -> None:
    """Skip where there is no collectd; CI has one."""
    require("collectd", Path("/usr/sbin/collectd").exists())


def wall() -> WallClock:
    """A run that begins now."""
    zero_s = time.monotonic()
    return WallClock(lambda: time.monotonic() - zero_s, time.time())


def take(source: ChildSource | PacketSource, enough: int = 1) -> tuple[list[Sample], list[Note]]:
    """Samples and notes, once there are so many samples."""
    samples: list[Sample] = []
    notes: list[Note] = []

    def come() -> bool:
        more, said = source.sample()
        samples.extend(more)
        notes.extend(said)
        return len(samples) >= enough

    until(come, 20)
    return samples, notes


# -- a child --------------------------------------------------------------------------------


@pytest.fixture
def alone() -> Iterator[int]:
    """A process whose command line nothing else has."""
    with only_one() as pid:
        yield pid


@pytest.fixture
def twins() -> Iterator[int]:
    """Two processes with one command line."""
    command = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()  # twin"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    both = [subprocess.Popen(command, **pipes) for _ in range(2)]
    for one in both:
        assert one.stdout is not None
        one.stdout.readline()
    yield both[0].pid
    for one in both:
        one.communicate()


@pytest.mark.slow
@pytest.mark.usefixtures("real")
def test_two_processes_of_one_command_line_are_said(twins: int, tmp_path: Path) -> None:
    """Collectd sums what its expression matches; it cannot be told a pid."""
    source = ChildSource(Measuring(collectd=True), tmp_path / "c", twins, 0.5, TYPES)
    source.start(wall())
    samples, notes = take(source, 30)
    source.close()
    assert {s.value for s in samples if s.name == "processes"} == {2.0}
    text = "collectd's expression matches 2 processes instead of one: its figures are sums "
    assert [said for said in notes if said[0] == "warning"] == [("warning", text + "over them.")]


@pytest.mark.slow
@pytest.mark.usefixtures("real")
def test_a_child_that_is_killed_is_said_once(alone: int, tmp_path: Path) -> None:
    """What it wrote until then is kept."""
    source = ChildSource(Measuring(collectd=True), tmp_path / "c", alone, 0.5, TYPES)
    source.start(wall())
    take(source, 10)
    os.kill(source._child.pid, signal.SIGKILL)
    said: list[Note] = []
    until(lambda: said.extend(source.sample()[1]) or said)
    for _ in range(3):
        said += source.sample()[1]
    assert said == [("error", "collectd has ended; the run goes on without it.")]
    assert source.finish()[1] == []
    row = source.quality()[0]
    assert row.received >= 10
    assert row.what.startswith("values of collectd 5.")


@pytest.mark.slow
@pytest.mark.usefixtures("real")
def test_what_collectd_loses_is_counted(tmp_path: Path) -> None:
    """Its buffer holds a few hundred packets: the kernel tells how many it dropped."""
    source = ChildSource(Measuring(collectd=True), tmp_path / "c", None, 0.5, TYPES)
    source.start(wall())
    os.kill(source._child.pid, signal.SIGSTOP)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for _ in range(5_000):
            out.sendto(b"n:1|c", ("127.0.0.1", source._child.port))
    os.kill(source._child.pid, signal.SIGCONT)
    said: list[Note] = []
    counted: list[float] = []

    def come() -> bool:
        samples, notes = source.sample()
        said.extend(notes)
        counted.extend(sample.value for sample in samples if sample.name == "n.count")
        return sum(counted) + source.quality()[0].lost >= 5_000

    until(come, 20)  # those that got through may be counted in several intervals
    assert sum(counted) + source.quality()[0].lost == 5_000
    assert sum(counted) > 0
    source.close()
    assert any("collectd loses statsd packets" in text for _, text in said)


@pytest.mark.slow
@pytest.mark.usefixtures("real")
def test_an_option_that_this_collectd_does_not_know_is_said(
    alone: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an older one says it; the rest works, and what is missing then is named."""
    whole = Config.text
    monkeypatch.setattr(
        Config,
        "text",
        lambda self: (
            whole(self)
            .replace("CollectMemoryMaps", "CollectNewThings")
            .replace("CollectFileDescriptor true", "CollectFileDescriptor false")
        ),
    )
    source = ChildSource(Measuring(collectd=True), tmp_path / "c", alone, 0.5, TYPES)
    source.start(wall())
    notes: list[Note] = []
    until(lambda: notes.extend(source.sample()[1]) or {"warning", "left_out"} <= {*dict(notes)})
    source.close()
    told = dict(notes)
    assert "`CollectNewThings' configuration option is not understood" in told["warning"]
    assert told["left_out"].startswith("collectd: memory_maps, open_fds are left out")


def test_a_plugin_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the package that brings it."""
    require("collectd", Path("/usr/sbin/collectd").exists())
    for name in ("logfile", "statsd", "csv"):
        (tmp_path / f"{name}.so").touch()
    monkeypatch.setattr(child_module, "PLUGIN_DIR", tmp_path)
    with pytest.raises(RunError, match=r"collectd lacks .*processes\.so.*collectd-core"):
        ChildSource(Measuring(collectd=True), tmp_path / "c", None, 1.0, TYPES)


# -- packets --------------------------------------------------------------------------------


@pytest.fixture
def packets() -> Iterator[PacketSource]:
    """Listening on a free port."""
    source = PacketSource(TYPES, ("127.0.0.1", 0), 1.0)
    source.start(wall())
    yield source
    source.close()


def send(source: PacketSource, host: str, stamp_unix_s: float, value: float) -> None:
    """A packet of that host with one gauge."""
    stamp = part(8, struct.pack(">Q", int(stamp_unix_s * (1 << 30))))
    packet = text(0, host) + stamp + text(2, "load") + text(4, "gauge") + gauges(value)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.sendto(packet, ("127.0.0.1", source._listener.port))


@pytest.mark.parametrize(("off_s", "way"), [(-500.0, "behind"), (40.0, "ahead of")])
def test_a_clock_that_is_wrong_is_said_and_put_right(
    packets: PacketSource, off_s: float, way: str
) -> None:
    """Values stand where they came; one host's clock does not move another's values."""
    packets._wall.started_unix_s -= 100  # the run has gone on for a while
    send(packets, "wrong", time.time() + off_s, 1.0)
    send(packets, "right", time.time(), 2.0)
    samples, notes = take(packets, 2)
    assert [abs(s.time_s - 100) < 5 for s in samples] == [True, True]
    assert [kind for kind, _ in notes] == ["warning"]
    assert f"The clock of wrong is {abs(off_s):.1f} s {way} this host's" in notes[0][1]
    send(packets, "wrong", time.time() + off_s + 1, 3.0)
    assert abs(take(packets)[0][0].time_s - 101) < 5
    clocks = {row.host: row.clock for row in packets.quality()}
    assert clocks["right"] == "that host's wall clock"
    assert clocks["wrong"].startswith("that host's wall clock, put right by ")
    assert all(row.delay_s is not None and row.delay_s < 2 for row in packets.quality())


def test_only_one_host_of_several_tells_of_the_server() -> None:
    """The one that the target names, though another one is heard first."""
    source = PacketSource(TYPES, ("127.0.0.1", 0), 1.0, Watched(ServerHost("db2")))
    source.start(wall())
    for host, process, value in (
        ("db1", "server", 1.0),
        ("db2", "nginx", 2.0),
        ("db2", "server", 3.0),
    ):
        stamp = part(8, struct.pack(">Q", int((time.time() + 1) * (1 << 30))))
        named = text(2, "processes") + text(3, process) + text(4, "ps_rss")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(text(0, host) + stamp + named + gauges(value),
                       ("127.0.0.1", source._listener.port))  # fmt: skip
    samples, notes = take(source, 2)
    assert {(s.host, s.name, s.value) for s in samples} == {
        ("db1", "server.rss_bytes", 1.0),
        ("db2", "rss_bytes", 3.0),
    }
    assert ("left_out", "collectd watches also nginx: left out.") in notes
    assert source._listener.address("db1") == "127.0.0.1"
    source.close()


def test_a_listener_that_hears_nothing_says_how_to_be_heard(packets: PacketSource) -> None:
    """At the end; a run that had its packets says nothing."""
    kind, words = packets.finish()[1][0]
    assert kind == "left_out"
    assert "arangolab doctor --collectd-listen 127.0.0.1:0 prints" in words


# -- files ----------------------------------------------------------------------------------


def test_files_of_another_process_are_not_the_servers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A collectd that watches nginx too adds nothing to the server's memory."""
    monkeypatch.setattr("arangolab.runner.collectd_files.SETTLE_S", 0.0)
    for process, value in (("nginx", 7), ("arangod", 9)):
        folder = tmp_path / "db" / f"processes-{process}"
        folder.mkdir(parents=True)
        (folder / "ps_rss-2023-11-14").write_text(f"epoch,value\n1700000995.000,{value}\n")
    source = FilesSource(TYPES, tmp_path, 1.0, Watched(ServerHost("db")))
    source.start(WallClock(lambda: 20.0, 1_700_000_990.0, lambda: 1_700_001_010.0))
    samples, notes = source.finish()
    assert [(one.name, one.value) for one in samples] == [("rss_bytes", 9.0)]
    assert notes == [("left_out", "collectd watches also nginx: left out.")]


def test_files_of_coarser_steps_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And how fine they are stands among the qualities."""
    require("rrdtool", Path("/usr/bin/rrdtool").exists())
    monkeypatch.setattr("arangolab.runner.collectd_files.SETTLE_S", 0.0)
    folder = tmp_path / "host" / "load"
    folder.mkdir(parents=True)
    made_rrd(folder / "load.rrd", step=10, rows=50)
    (folder / "torn.rrd").write_bytes(b"RRD\0")
    source = FilesSource(TYPES, tmp_path, 1.0)
    source.start(WallClock(lambda: 200.0, 1_700_000_990.0, lambda: 1_700_001_190.0))
    samples, notes = source.finish()
    assert len(samples) > 15
    assert [kind for kind, _ in notes] == ["left_out", "note"]
    assert "cannot be used: it is cut off" in notes[0][1]
    assert "steps of 10 s, the run of 1 s" in notes[1][1]
    row = source.quality()[0]
    assert (row.resolution, row.lost) == ("steps of 10 s", 1)
