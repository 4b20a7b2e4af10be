"""What all sources tell of one run, side by side."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from arangolab import dataset
from arangolab.measuring import Measuring
from arangolab.metrics.register import NAMES
from arangolab.sandbox.launcher import SandboxProcess
from arangolab.target import Target
from tests.runner.runs import said, start

pytestmark = pytest.mark.slow


def test_the_servers_queue_is_told_by_its_replies_and_by_its_page(
    make_sandbox: Callable[..., SandboxProcess], tmp_path: Path
) -> None:
    """Two threads for a load that needs four: requests queue, and both say for how long."""
    options = ("--maximal-threads", "2", "--transaction-delay", "0.1")
    server = make_sandbox(options=options)
    target = Target(urls=(server.url,), user=server.user)
    dataset.load(target, users=1_000)
    run = start(target, tmp_path / "run.sqlite", (30, 4), max_in_flight=20).wait()
    wide = run.wide()
    last = wide[wide.index > 2]
    assert last["injector.server_queue_p95_ms"].max() > 100
    assert last["arango.scheduler_dequeue_ms"].max() > 100
    assert last["arango.scheduler_queue_length"].max() > 2
    assert last["arango.request_queue_p95_ms"].max() > 50
    assert last["arango.scheduler_threads_busy"].median() >= 2


def test_the_process_is_told_alike_by_proc_and_by_the_servers_page(
    target: Target, tmp_path: Path
) -> None:
    """CPU within a tenth of a core, memory within a tenth, threads and descriptors within two."""
    run = start(target, tmp_path / "run.sqlite", (40, 5)).wait()
    middle = run.wide().query("1 < index < 5").mean()
    for name, tolerance in {"threads": 2, "open_fds": 2}.items():
        assert middle[f"arango.{name}"] == pytest.approx(middle[f"proc.{name}"], abs=tolerance)
    assert middle["arango.rss_bytes"] == pytest.approx(middle["proc.rss_bytes"], rel=0.1)
    cores = {s: middle[f"{s}.cpu_user_cores"] + middle[f"{s}.cpu_system_cores"] for s in NAMED}
    assert cores["arango"] == pytest.approx(cores["proc"], abs=0.1)


NAMED = ("arango", "proc")


def test_each_source_says_how_far_it_can_be_trusted(target: Target, tmp_path: Path) -> None:
    """Its clock, resolution, delay, loss and cost; all names are in the register."""
    run = start(target, tmp_path / "run.sqlite", (20, 2)).wait()
    told = run.sources().set_index("source")
    assert set(told.index) == {"injector", "statsd", "proc", "host", "arango"}
    assert (told["received"] > 0).all()
    assert (told["lost"] == 0).all()
    assert (told["cpu_s"] > 0).all()
    assert (told["delay_s"] >= 0).all()
    fixed = run.samples().query("source != 'statsd'")
    for source, name, unit in fixed[["source", "name", "unit"]].drop_duplicates().to_numpy():
        assert NAMES[source, name][0] == unit
    assert said(run, "left_out") == ""
    assert (run.names()["meaning"] != "").all()


def test_rubbish_on_the_statsd_socket_is_counted_and_said(target: Target, tmp_path: Path) -> None:
    """Nothing else is lost by it."""
    live = start(target, tmp_path / "run.sqlite", (20, 3))
    port = int(live.run.meta("runner")["statsd_port"])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for _ in range(100):
            out.sendto(b"rubbish\n\x00\xff:\xfe|", ("127.0.0.1", port))
    run = live.wait()
    assert run.summary()["finished"] == 60
    assert run.sources().set_index("source").loc["statsd", "bad"] == 200
    assert run.wide()["statsd.receiver.bad_lines"].sum() == 200
    small_print = run.small_print()
    assert ", 200 not understood; clock: monotonic" in small_print["statsd"]
    assert set(small_print) == {"injector", "statsd", "proc", "host", "arango"}
    assert "measured by" in run._repr_html_()
    assert "cannot be understood (they are counted), the first: 'rubbish'" in said(run, "warning")


def test_statsd_lines_that_cannot_be_sent_on_are_said(target: Target, tmp_path: Path) -> None:
    """How many and where to; the run's own receiver gets them all."""
    measuring = Measuring(statsd_to="255.255.255.255:9")  # broadcasts are refused
    run = start(target, tmp_path / "run.sqlite", (20, 1), measuring=measuring).wait()
    figures = run.summary()
    assert figures["statsd_received"] == figures["statsd_sent"] > 20
    lost = figures["statsd_sent"]
    text = f"Injector 0 could not send {lost} statsd lines to 255.255.255.255:9."
    assert text in said(run, "warning")
