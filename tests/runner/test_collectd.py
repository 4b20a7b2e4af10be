"""collectd in whole runs: the real daemon beside the run's own sources."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from arangolab import dataset
from arangolab.measuring import Measuring
from arangolab.runfile.reader import Run
from arangolab.runner import handle
from arangolab.runner.wall import WallClock
from arangolab.sandbox.launcher import SandboxProcess
from arangolab.target import Target
from tests.metrics.collectd.daemon import collectd as daemon
from tests.runner.runs import plan_of, said, start
from tests.support import require, until

pytestmark = pytest.mark.slow


@pytest.fixture
def real() -> None:
    """Skip where there is no collectd; CI has one."""
    require("collectd", Path("/usr/sbin/collectd").exists())


def mean(run: Run, source: str, name: str, from_s: float, to_s: float) -> float:
    """Of a series within a span."""
    frame = run.samples()
    rows = frame[(frame["source"] == source) & (frame["name"] == name)]
    return float(rows[(rows["time_s"] >= from_s) & (rows["time_s"] <= to_s)]["value"].mean())


def total(run: Run, source: str, name: str) -> float:
    """The sum of a series."""
    frame = run.samples()
    return float(frame[(frame["source"] == source) & (frame["name"] == name)]["value"].sum())


@pytest.mark.usefixtures("real")
def test_collectd_and_the_runs_own_sources_agree(
    make_sandbox: Callable[..., SandboxProcess], tmp_path: Path
) -> None:
    """Counts are equal, CPU and timings within what each can tell; it ends with the run."""
    server = make_sandbox(options=("--max-seconds", "3000"))  # a command line of its own
    target = Target(urls=(server.url,), user=server.user)
    dataset.load(target, users=1_000)
    measuring = Measuring(collectd=True, percentiles=(50, 95))
    live = start(target, tmp_path / "run.sqlite", (100, 6), interval_s=1.0, measuring=measuring)
    runner = psutil.Process(live.pid)
    names = [child.name() for child in runner.children()]
    run = live.wait()
    assert "collectd" in names
    assert not psutil.pid_exists(live.pid)
    assert run.summary()["finished"] == 600
    for name in ("login", "login.read_user", "login.update_user"):
        assert total(run, "collectd", f"{name}.count") == total(run, "statsd", f"{name}.count")
    assert total(run, "collectd", "login.count") == 600
    for source in ("statsd", "proc"):
        names = {"statsd": ["login.mean_ms", "login.p50_ms"], "proc": ["rss_bytes", "threads"]}[
            source
        ]
        for name in names:
            ours, theirs = (mean(run, s, name, 2, 5) for s in (source, "collectd"))
            # each looks at moments of its own; how near they are, tests.benchmarks.agreement tells
            assert theirs == pytest.approx(ours, rel=0.3, abs=0.05)
    cpu = [
        sum(mean(run, s, f"cpu_{k}_cores", 0, 6) for k in ("user", "system"))
        for s in ("proc", "collectd")
    ]
    assert cpu[1] == pytest.approx(cpu[0], rel=0.25)
    row = run.sources().set_index("source").loc["collectd"]
    assert row["lost"] == 0
    assert 0 < row["delay_s"] < 3
    assert (tmp_path / "run.collectd" / "collectd.conf").exists()


def test_without_collectd_the_run_goes_on_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All else is recorded."""
    monkeypatch.setattr("arangolab.metrics.collectd.child._BINARIES", ("no-such-collectd",))
    from arangolab.runner.collectd_source import CollectdSource

    source = CollectdSource(Measuring(collectd=True), tmp_path / "c", None, 1.0)
    source.start(WallClock(time.monotonic, time.time() - time.monotonic()))
    samples, notes = source.sample()
    assert samples == []
    assert notes == [
        (
            "left_out",
            "collectd is left out. There is no collectd on this host. "
            "Try: apt-get install collectd-core (Debian).",
        )
    ]
    assert source.quality() == []
    source.close()


@pytest.mark.usefixtures("real")
def test_packets_and_files_of_a_collectd_elsewhere(target: Target, tmp_path: Path) -> None:
    """Its host's name stands beside its values, live by packets and at the end out of its files."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    folder = tmp_path / "other"
    with daemon(folder, network_port=port, host="db7"):
        until(lambda: list(folder.glob("csv/db7/*/*")))
        measuring = Measuring(
            collectd_listen=f"127.0.0.1:{port}", collectd_files=str(folder / "csv")
        )
        plan = plan_of((10, 4), measuring=measuring, interval_s=1.0)
        run = handle.start(plan, target, tmp_path / "run.sqlite").wait()
    frame = run.samples()
    threads = frame[(frame["source"] == "collectd") & (frame["name"] == "threads")]
    assert set(threads["host"]) == {"db7"}
    assert len(threads) >= 6  # by packets, and once more out of the files
    assert said(run, "error") == ""


def test_a_port_that_is_taken_and_an_empty_folder_are_said(target: Target, tmp_path: Path) -> None:
    """The run goes on without."""
    (tmp_path / "empty").mkdir()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        measuring = Measuring(
            collectd_listen=f"127.0.0.1:{taken.getsockname()[1]}",
            collectd_files=str(tmp_path / "empty"),
        )
        run = start(target, tmp_path / "run.sqlite", (10, 1), measuring=measuring).wait()
    assert run.summary()["finished"] == 10
    left_out = said(run, "left_out")
    assert "collectd's packets are left out. The port" in left_out
    assert "holds no values of the run's time" in left_out
