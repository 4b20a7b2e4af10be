"""What a real collectd writes and sends is read back, and agrees whichever way it came."""

from __future__ import annotations

import math
import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from arangolab.errors import RunFileError
from arangolab.metrics.collectd import typesdb
from arangolab.metrics.collectd.csvdir import CsvTail, read_csv_dir
from arangolab.metrics.collectd.listener import NetworkListener
from arangolab.metrics.collectd.names import Identifier
from arangolab.metrics.collectd.rrd import Rrd, read_rrd_dir
from arangolab.metrics.collectd.values import Reading, Translator
from tests.metrics.collectd.daemon import collectd, spend_cpu
from tests.support import require, until

TYPES = typesdb.load()


@pytest.fixture
def real() -> None:
    """Skip where there is no collectd; CI has one."""
    require("collectd", Path("/usr/sbin/collectd").exists())


def by_name(readings: list[Reading], started_unix_s: float) -> dict[str, dict[float, float]]:
    """Values by name and by time in tenths of a second."""
    found: dict[str, dict[float, float]] = {}
    for sample in Translator(started_unix_s=started_unix_s).samples(readings):
        found.setdefault(sample.name, {})[round(sample.time_s, 1)] = sample.value
    return found


@pytest.mark.slow
@pytest.mark.usefixtures("real")
def test_files_and_packets_of_one_daemon_say_the_same(tmp_path: Path) -> None:
    """CPU in cores, threads, descriptors, maps, memory: from CSV files and over the network."""
    began = time.time()
    listener = NetworkListener(TYPES, port=0)
    with collectd(tmp_path / "c", network_port=listener.port, host="far") as config:
        tail = CsvTail(config.csv, TYPES)
        spend_cpu(4.5)
        written = tail.poll()
        sent = listener.take()
    listener.close()
    assert (listener.bad, listener.drops, listener.refused, tail.bad_rows) == (0, 0, {}, 0)
    assert {reading.identifier.host for reading in sent} == {"far"}
    ours, theirs = by_name(written, began), by_name(sent, began)
    for name in ("cpu_user_cores", "threads", "open_fds", "memory_maps", "rss_bytes"):
        both = set(ours[name]) & set(theirs[name])
        assert len(both) >= 2
        assert all(ours[name][t] == pytest.approx(theirs[name][t], rel=5e-3) for t in both)
    assert max(ours["cpu_user_cores"].values()) > 0.02
    assert "ps_stacksize" not in " ".join(ours)
    read = read_csv_dir(config.csv, TYPES, began, time.time())
    again = read.readings
    assert read.faults == []
    assert len(again) >= len(written)
    assert tail.poll() == [one for one in again if one not in written]


@pytest.fixture
def namespace() -> Iterator[tuple[str, str]]:
    """(a network namespace, our address as it sees us); skips where one cannot be made."""
    name = f"lab{os.getpid() % 100_000}"
    network = f"10.213.{os.getpid() % 250}"
    ours, theirs = f"{name}a", f"{name}b"
    setup = [
        f"ip netns add {name}",
        f"ip link add {ours} type veth peer name {theirs} netns {name}",
        f"ip addr add {network}.1/30 dev {ours}",
        f"ip link set {ours} up",
        f"ip -n {name} addr add {network}.2/30 dev {theirs}",
        f"ip -n {name} link set {theirs} up",
        f"ip -n {name} link set lo up",
    ]
    try:
        for line in setup:
            try:
                subprocess.run(line.split(), check=True, capture_output=True)
            except (OSError, subprocess.CalledProcessError):
                require("netns", False)
        yield name, f"{network}.1"
    finally:
        if shutil.which("ip"):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


@pytest.mark.slow
@pytest.mark.usefixtures("real")
def test_packets_from_another_network_namespace(tmp_path: Path, namespace: tuple[str, str]) -> None:
    """They arrive as samples of that host, soon."""
    began = time.time()
    name, here = namespace
    listener = NetworkListener(TYPES, here, 0)
    with collectd(
        tmp_path / "c", network_port=listener.port, network_host=here, host="db9", namespace=name
    ):
        until(lambda: (listener.delay_s("db9") is not None) and listener.packets >= 3, 20)
        sent = listener.take()
    listener.close()
    samples = Translator(started_unix_s=began, here=socket.gethostname()).samples(sent)
    assert {sample.host for sample in samples} == {"db9"}
    assert {"threads", "open_fds", "memory_maps", "rss_bytes"} <= {s.name for s in samples}
    assert 0 <= (listener.delay_s("db9") or -1) < 2


@pytest.mark.slow
@pytest.mark.usefixtures("real")
def test_packets_to_another_loopback_address(tmp_path: Path) -> None:
    """The listener takes what is sent to its own address."""
    listener = NetworkListener(TYPES, "127.0.0.7", 0)
    with collectd(tmp_path / "c", network_port=listener.port, network_host="127.0.0.7", host="db8"):
        until(lambda: listener.packets >= 2, 20)
    listener.close()
    assert {reading.identifier.host for reading in listener.take()} == {"db8"}


@pytest.mark.slow
@pytest.mark.usefixtures("real")
@pytest.mark.parametrize(("level", "word"), [("Sign", "signed"), ("Encrypt", "encrypted")])
def test_signed_and_encrypted_packets_are_refused_by_name(
    tmp_path: Path, level: str, word: str
) -> None:
    """Their secret is not known here."""
    security = f'    SecurityLevel "{level}"\n    Username "u"\n    Password "p"\n'
    listener = NetworkListener(TYPES, port=0)
    with collectd(tmp_path / "c", network_port=listener.port, security=security):
        until(lambda: listener.refused)
    listener.close()
    assert listener.take() == []
    assert set(listener.refused) == {word}


@pytest.mark.slow
@pytest.mark.usefixtures("real")
def test_rrd_files_under_a_live_writer_equal_what_rrdtool_says(tmp_path: Path) -> None:
    """Row by row, and collectd never found its files locked."""
    require("rrdtool", shutil.which("rrdtool") is not None)
    began = time.time()
    with collectd(tmp_path / "c", rrd=True) as config:
        folder = tmp_path / "c" / "rrd"
        end = time.monotonic() + 5
        while time.monotonic() < end:  # reading all the time, as a live view would
            read_rrd_dir(folder, began, time.time())
            spend_cpu(0.05)
    read = read_rrd_dir(folder, began - 5, time.time())
    assert (read.faults, read.steps_s) == ([], (1.0,))
    assert len(read.readings) > 20
    assert "could not lock" not in config.log.read_text().lower()
    compared = sum(_same_as_rrdtool(file, began) for file in folder.glob("*/*/*.rrd"))
    assert compared > 100


def _same_as_rrdtool(file: Path, began: float) -> int:
    """Rows compared with ``rrdtool fetch`` of the same span."""
    start, end = int(began) - 100, int(time.time())
    words = ["rrdtool", "fetch", str(file), "AVERAGE", "-s", str(start), "-e", str(end)]
    text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    head, _, *lines = text.splitlines()
    names = head.split()
    series = Rrd(file).fetch(start, end)
    ours = {
        int(t): [float(series.values[name][n]) for name in names]
        for n, t in enumerate(series.times_unix_s)
    }
    compared = 0
    for line in lines:
        stamp, _, values = line.partition(":")
        theirs = [float(word) for word in values.split()]
        known = ours.get(int(stamp))
        if known is None:
            assert all(math.isnan(value) for value in theirs), (file, line)
            continue
        assert all(
            (math.isnan(a) and math.isnan(b)) or a == pytest.approx(b, rel=1e-9)
            for a, b in zip(known, theirs, strict=True)
        ), (file, line, known)
        compared += 1
    return compared


def made_rrd(path: Path, *, step: int, rows: int) -> Path:
    """A file by rrdtool itself: two archives, random values, one of them unknown."""
    start = 1_700_000_000
    subprocess.run(
        ["rrdtool", "create", str(path), "--start", str(start), "--step", str(step),
         f"DS:value:GAUGE:{2 * step}:U:U", f"RRA:AVERAGE:0.1:1:{rows}", "RRA:AVERAGE:0.1:5:40",
         "RRA:MAX:0.1:5:40"],
        check=True,
    )  # fmt: skip
    rng = random.Random(3)  # noqa: S311
    points = [
        f"{start + n * step}:{'U' if n % 17 == 5 else rng.uniform(0, 100)}" for n in range(1, 120)
    ]
    subprocess.run(["rrdtool", "update", str(path), *points], check=True)
    return path


@pytest.mark.parametrize(("back_s", "step_s"), [(300, 10), (1100, 50)])
def test_the_archive_that_covers_the_span_is_taken(
    tmp_path: Path, back_s: int, step_s: int
) -> None:
    """As rrdtool does: the finer one while it reaches back far enough."""
    require("rrdtool", shutil.which("rrdtool") is not None)
    file = made_rrd(tmp_path / "a.rrd", step=10, rows=50)
    end = 1_700_000_000 + 1190
    series = Rrd(file).fetch(end - back_s, end)
    assert series.step_s == step_s
    words = ["rrdtool", "fetch", str(file), "AVERAGE", "-s", str(end - back_s), "-e", str(end)]
    text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    theirs = dict(line.split(": ") for line in text.splitlines()[2:])
    for n, stamp in enumerate(series.times_unix_s):
        value = float(theirs.get(str(stamp), "nan"))
        ours = float(series.values["value"][n])
        assert ours == pytest.approx(value, rel=1e-9, nan_ok=True)


def test_torn_and_foreign_files_are_said_and_passed_over(tmp_path: Path) -> None:
    """Whatever is cut off, wherever; the other files are read."""
    require("rrdtool", shutil.which("rrdtool") is not None)
    folder = tmp_path / "host" / "plugin"
    folder.mkdir(parents=True)
    whole = made_rrd(folder / "whole.rrd", step=10, rows=50).read_bytes()
    for n, size in enumerate((0, 3, 100, 200, 700, len(whole) - 8)):
        (folder / f"torn{n}.rrd").write_bytes(whole[:size])
    (folder / "other.rrd").write_bytes(b"SQLite format 3\0" + bytes(200))
    (folder / "swapped.rrd").write_bytes(whole[:16] + whole[16:24][::-1] + whole[24:])
    read = read_rrd_dir(tmp_path, 1_700_001_000, 1_700_001_200)
    assert len(read.faults) == 8
    assert all("cannot be used" in text for text in read.faults)
    assert {one.identifier for one in read.readings} == {
        Identifier("host", "plugin", "", "whole", "")
    }
    with pytest.raises(RunFileError, match="no archive of LAST values"):
        Rrd(folder / "whole.rrd").fetch(0, 1, "LAST")
