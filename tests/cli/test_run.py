"""``arangolab run`` and ``export``: real runs against the sandbox."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from arangolab import dataset
from arangolab.errors import RunFileError
from arangolab.runfile import open_run
from arangolab.sandbox.launcher import SandboxProcess
from arangolab.target import Target
from tests.cli.command import Said, arangolab, begin
from tests.support import until

KEYS = [
    *("intended", "started", "shed", "finished", "failed", "achieved_per_s", "lateness_p99_ms"),
    *("service_p50_ms", "service_p95_ms", "response_p95_ms", "injector_cpu_ratio"),
    *("statsd_sent", "statsd_received", "injector_cpu_ms_per_scenario", "retries"),
    *("connections_opened", "rss_bytes", "processes"),
]


@pytest.fixture(scope="module")
def url(sandbox: SandboxProcess) -> str:
    """The sandbox with a graph of 500 users."""
    dataset.load(Target(urls=(sandbox.url,)), users=500)
    return sandbox.url


def login(url: str, out: Path, *words: str) -> Said:
    """``arangolab run login --json``."""
    fixed = ("--json", "--users", "1:500", "--url", url, "--out", str(out))
    return arangolab("run", "login", *fixed, *words)


def recorded(file: Path) -> bool:
    """Whether the run has recorded an interval."""
    try:
        return len(open_run(file).intervals()) > 0
    except RunFileError:
        return False


def one_object(said: Said) -> dict[str, Any]:
    """What stands on stdout: one JSON object in one line and nothing else."""
    assert said.out.count("\n") == 1
    found: dict[str, Any] = json.loads(said.out)
    return found


def steady(figures: dict[str, Any], starts: int) -> None:
    """All that was due was started, ended well, and told by statsd."""
    assert not set(KEYS) - set(figures)
    assert [figures[k] for k in KEYS[:5]] == [starts, starts, 0, starts, 0]
    assert figures["statsd_received"] == figures["statsd_sent"] > starts


@pytest.mark.slow
def test_json_is_one_object_with_all_keys(url: str, tmp_path: Path) -> None:
    """A short run against an idle server: nothing fails, nothing is late."""
    said = login(url, tmp_path / "run.sqlite", "--rate", "20", "--duration", "1")
    assert said.status == 0
    steady(one_object(said), 20)


@pytest.mark.slow
def test_a_hundred_logins(url: str, tmp_path: Path) -> None:
    """Five a second for 20 seconds; the counters in the database agree."""
    target = Target(urls=(url,))
    before = dataset.logins(target)
    said = login(url, tmp_path / "run.sqlite", "--rate", "5", "--duration", "20")
    assert said.status == 0
    steady(one_object(said), 100)
    after = dataset.logins(target)
    assert after.users - before.users == 100
    assert after.groups - before.groups == after.groups_expected - before.groups_expected


@pytest.mark.slow
def test_without_json_people_read_it(url: str, tmp_path: Path) -> None:
    """What was started, how it ended, where the file is; the file opens and can be exported."""
    file = tmp_path / "run.sqlite"
    words = ("--rate", "5", "--duration", "1", "--users", "1:500", "--url", url, "--out", str(file))
    said = arangolab("run", "login", *words)
    assert said.status == 0
    assert "5 started of 5 due" in said.out
    assert str(file) in said.out
    for form, ending in (("csv", ".csv"), ("wide-csv", "-wide.csv"), ("json", ".json")):
        done = arangolab("export", str(file), "--format", form)
        assert (done.status, done.out) == (0, f"{tmp_path}/run{ending}\n")
    assert (tmp_path / "run.csv").read_text().startswith("time_s,source,name,value,unit\n")
    assert json.loads((tmp_path / "run.json").read_text())["started"] == 5
    html = arangolab("export", str(file), "--format", "html", "--out", str(tmp_path))
    assert html.status == 1
    assert "cannot be written" in html.err
    with sqlite3.connect(file) as tables:
        assert tables.execute("SELECT count(*) FROM samples").fetchone()[0] > 0


@pytest.mark.slow
def test_ctrl_c_ends_the_run_and_keeps_it(url: str, tmp_path: Path) -> None:
    """Status 130, the JSON object all the same, and no process is left."""
    file = tmp_path / "run.sqlite"
    words = ("--json", "--duration", "60", "--users", "1:500", "--url", url, "--out", str(file))
    process = begin("run", "login", *words)
    until(lambda: recorded(file))
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    assert json.loads(out)["status"] == "stopped"
    assert not psutil.wait_procs(children, timeout=2)[1]


@pytest.mark.slow
def test_sigterm_ends_everything(url: str, tmp_path: Path) -> None:
    """Status 143, no process of the run is left, and its file says how it ended."""
    file = tmp_path / "run.sqlite"
    words = ("--duration", "60", "--users", "1:500", "--url", url, "--out", str(file))
    process = begin("run", "login", *words)
    until(lambda: recorded(file))
    children = psutil.Process(process.pid).children(recursive=True)
    assert children
    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode == 143
    assert not psutil.wait_procs(children, timeout=3)[1]
    assert open_run(file).ending


@pytest.mark.slow
def test_a_scenario_that_raises(url: str, tmp_path: Path) -> None:
    """The run goes on; its errors are counted with their first message."""
    tmp_path.joinpath("unlucky.py").write_text(
        "def unlucky(session):\n    session.check(session.user % 2, 'an even user')\n"
    )
    words = ("--rate", "20", "--duration", "1", "--users", "1:500", "--url", url, "--json")
    figures = one_object(arangolab("run", "unlucky.py", *words, cwd=tmp_path))
    assert figures["started"] == figures["finished"] == 20
    assert 0 < figures["failed"] < 20
    assert figures["errors"][0]["first_message"] == "an even user"


@pytest.mark.slow
def test_a_server_that_dies(make_sandbox: Callable[..., SandboxProcess], tmp_path: Path) -> None:
    """The run goes on, records the errors, and says in its events that the server has gone."""
    server, file = make_sandbox(), tmp_path / "run.sqlite"
    dataset.load(Target(urls=(server.url,)), users=500)
    words = ("--json", "--rate", "10", "--duration", "4", "--users", "1:500", "--url", server.url)
    process = begin("run", "login", *words, "--out", str(file))
    until(lambda: recorded(file))
    os.kill(server.pid, signal.SIGKILL)
    out, _ = process.communicate(timeout=30)
    figures = json.loads(out)
    assert figures["started"] == 40
    assert 0 < figures["failed"] < 40
    assert "Connection refused" in figures["errors"][0]["first_message"]
    assert any("has gone" in text for text in open_run(file).events()["text"])


@pytest.mark.slow
def test_a_scenario_is_told_its_parameters(url: str, tmp_path: Path) -> None:
    """By name; in a mix by the scenario's name too.  What is wrong begins no run."""
    words = ("--param", "aql_read.batch=5", "--param", "count_groups=no", "--rate", "10")
    fixed = ("--duration", "1", "--json", "--users", "1:500", "--url", url)
    said = arangolab("run", "login,aql_read", *words, *fixed, "--out", str(tmp_path / "a.sqlite"))
    figures = one_object(said)
    assert figures["params"] == {"login.count_groups": False, "aql_read.batch": 5}
    assert (figures["finished"], figures["failed"]) == (10, 0)
    said = arangolab("run", "aql_read", "--param", "batch=ten", "--out", str(tmp_path / "b.sqlite"))
    assert said.status == 2
    assert "batch of aql_read cannot be 'ten': it is a whole number" in said.err
    assert not (tmp_path / "b.sqlite").exists()
