"""What was written is what is read: while it is written, and afterwards."""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest

from arangolab.errors import RunFileError
from arangolab.metrics.sample import Sample
from arangolab.runfile import open_run
from arangolab.runfile.record import SILENT_S, process_start
from arangolab.runfile.schema import FORMAT
from tests.runfile import made
from tests.support import until

ROOT = Path(__file__).parents[2]


def test_a_run_comes_back(tmp_path: Path) -> None:
    """Facts, samples, intervals, errors, events and steps are as they were written."""
    run = open_run(made.ended(tmp_path / "run.sqlite"))
    assert run.plan == made.PLAN
    assert (run.title, run.status, run.ending, run.duration_s) == (
        "by hand", "completed", "It is over.", 4.0,
    )  # fmt: skip
    assert (run.server["version"], run.host["cores"], run.versions["python"]) == (
        "3.12.10", 2, "3.11",
    )  # fmt: skip
    samples = run.samples()
    assert list(samples.columns) == ["time_s", "source", "name", "value", "unit"]
    assert list(samples[samples["name"] == "threads"]["value"]) == [11, 12, 13, 14]
    assert run.wide()["proc.threads"].loc[3.0] == 13
    assert list(run.intervals()["started"]) == [10] * 4
    (error,) = run.error_rows()
    assert (error["count"], error["first_message"]) == (4, "could not acquire v8 context")
    assert (error["first_s"], error["last_s"]) == (0.5, 4.0)
    assert list(run.events()["kind"]) == ["start", "end"]
    (step,) = run.steps()
    assert (step.number, step.rate_per_s, step.processes, step.from_s, step.to_s) == (
        0,
        10,
        1,
        0,
        4,
    )


def test_histograms_are_of_a_span(tmp_path: Path) -> None:
    """Merged over the intervals that ended within it; empty where there are none."""
    run = open_run(made.ended(tmp_path / "run.sqlite"))
    assert run.histogram("service").count == 40
    assert run.histogram("service", 1.0, 3.0).count == 20
    assert run.histogram("step:none").count == 0
    assert run.histogram("service").percentile_s(50) == pytest.approx(0.05, rel=0.01)


def test_the_summary_in_figures(tmp_path: Path) -> None:
    """What ``arangolab run --json`` prints, as JSON without NaN."""
    figures = open_run(made.ended(tmp_path / "run.sqlite")).summary()
    expected = {
        "intended": 40, "started": 40, "shed": 0, "finished": 40, "failed": 4,
        "achieved_per_s": 10.0, "injector_cpu_ratio": 0.1, "statsd_sent": 160,
        "statsd_received": 160, "status": "completed", "sandbox": True,
    }  # fmt: skip
    assert {name: figures[name] for name in expected} == expected
    assert figures["service_p50_ms"] == pytest.approx(50, rel=0.01)
    assert figures["response_p95_ms"] == pytest.approx(100, rel=0.01)
    assert figures["lateness_p99_ms"] == pytest.approx(100, rel=0.01)
    assert figures["errors"][0]["first_message"] == "could not acquire v8 context"
    json.dumps(figures, allow_nan=False)


def test_a_run_that_has_only_begun(tmp_path: Path) -> None:
    """Nothing recorded yet: every table and figure is there, empty."""
    writer = made.begun(tmp_path / "run.sqlite")
    run = open_run(writer.path)
    assert run.status == "running"
    assert run.ending.startswith("The run goes on, since")
    figures = run.summary()
    assert (figures["started"], figures["service_p50_ms"], figures["injector_cpu_ratio"]) == (
        0, None, None,
    )  # fmt: skip
    json.dumps(figures, allow_nan=False)
    for table in (run.samples(), run.wide(), run.intervals(), run.errors(), run.step_table()):
        assert len(table) == 0
    assert "none yet" in run._repr_html_()
    assert repr(run) == "<Run run.sqlite: by hand, running>"
    writer.close()


def test_new_rows_alone(tmp_path: Path) -> None:
    """A cursor gives what came since, once, from any number of readers."""
    writer = made.begun(tmp_path / "run.sqlite")
    run = open_run(writer.path)
    assert run.new_samples() == ([], 0)
    writer.samples([Sample(1.0, "proc", "threads", 5.0, "threads")])
    assert run.new_samples() == ([], 0)
    writer.commit()
    rows, cursor = run.new_samples()
    assert rows == [(1.0, "proc", "threads", 5.0)]
    assert run.new_samples(cursor) == ([], cursor)
    events, cursor = run.new_events()
    assert events == [(0.0, "start", "The run begins.")]
    assert run.new_events(cursor) == ([], cursor)
    writer.close()


def test_another_host_has_a_column(tmp_path: Path) -> None:
    """Samples of several hosts are told apart; with one host there is no such column."""
    writer = made.begun(tmp_path / "run.sqlite")
    for host, value in (("db1", 1.0), ("db2", 2.0)):
        writer.samples([Sample(1.0, "collectd", "threads", value, "threads", host)])
    writer.close()
    samples = open_run(writer.path).samples()
    assert dict(zip(samples["host"], samples["value"], strict=True)) == {"db1": 1, "db2": 2}


def test_commands_reach_the_writer(tmp_path: Path) -> None:
    """Each once, in order; a value that is no JSON arrives as None; a reason is kept."""
    writer = made.begun(tmp_path / "run.sqlite")
    run = open_run(writer.path)
    run.command("rate", 5)
    with sqlite3.connect(writer.path) as db:
        db.execute("INSERT INTO commands (at_unix_s, name, value) VALUES (0, 'rate', 'x')")
    db.close()
    assert writer.take_commands() == [(1, "rate", 5), (2, "rate", None)]
    writer.command_taken(1, 0.5)
    assert writer.take_commands() == [(2, "rate", None)]
    writer.command_taken(2, 0.6, refused="no")
    writer.commit()
    assert list(run.commands()["taken_s"]) == [0.5, 0.6]
    assert run.commands()["refused"][1] == "no"
    writer.close()


def test_many_ask_at_once(tmp_path: Path) -> None:
    """Commands from several threads while the writer commits: all arrive."""
    writer = made.begun(tmp_path / "run.sqlite")
    run = open_run(writer.path)

    def ask(number: int) -> None:
        for k in range(10):
            run.command("rate", 10 * number + k)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    seen: list[Any] = []
    while any(t.is_alive() for t in threads) or len(seen) < 40:
        for number, _, value in writer.take_commands():
            seen.append(value)
            writer.command_taken(number, 0.0)
        writer.samples([Sample(1.0, "proc", "threads", 1.0, "threads")])
        writer.commit()
    assert sorted(seen) == list(range(40))
    writer.close()


# -- files that are none ------------------------------------------------------------------


def refused(path: Path) -> str:
    """The sentence with which the file is refused."""
    with pytest.raises(RunFileError) as caught:
        open_run(path)
    return str(caught.value)


def test_files_that_are_no_runs(tmp_path: Path) -> None:
    """Each kind of wrong file has its sentence, and none is changed or made."""
    assert "There is no run file" in refused(tmp_path / "missing.sqlite")
    assert "is a folder" in refused(tmp_path)
    empty = tmp_path / "empty.sqlite"
    empty.touch()
    assert "is empty" in refused(empty)
    text = tmp_path / "text.sqlite"
    text.write_text("time,value\n1,2\n")
    assert "is not a run file" in refused(text)
    foreign = tmp_path / "foreign.sqlite"
    with sqlite3.connect(foreign) as db:
        db.execute("CREATE TABLE meta (name, value)")
    db.close()
    assert "is an SQLite file, but not a run" in refused(foreign)
    assert empty.stat().st_size == 0
    assert not (tmp_path / "missing.sqlite").exists()


def test_a_newer_format(tmp_path: Path) -> None:
    """A file of a later arangolab is refused with the number of its format."""
    path = made.ended(tmp_path / "run.sqlite")
    with sqlite3.connect(path) as db:
        db.execute("UPDATE meta SET value = ? WHERE name = 'format'", (str(FORMAT + 1),))
    db.close()
    assert f"has format {FORMAT + 1}" in refused(path)


def test_a_file_cut_short(tmp_path: Path) -> None:
    """Wherever it was cut: a sentence, at opening or at reading, never a bare SQLite error."""
    writer = made.begun(tmp_path / "run.sqlite")
    made.fill(writer, 300)
    writer.close()
    whole = writer.path.read_bytes()
    for keep in (10, 100, 4096, len(whole) // 2, len(whole) - 4096):
        short = tmp_path / f"short-{keep}.sqlite"
        short.write_bytes(whole[:keep])
        with pytest.raises(RunFileError, match="run file"):
            open_run(short).samples()


def as_nobody(path: Path) -> str:
    """What somebody who may write nothing of ours finds in the file: status and samples."""
    code = (
        "import os, sys\n"
        "from arangolab import open_run\n"
        "from arangolab.errors import ArangolabError\n"
        "import pandas\n"
        "if os.getuid() == 0: os.setgid(65534); os.setuid(65534)\n"
        "try:\n"
        "    run = open_run(sys.argv[1])\n"
        "    print(run.status, len(run.samples()))\n"
        "except ArangolabError as error: print(error)\n"
    )
    folder = path.parent
    above = [each for each in folder.parents if Path(tempfile.gettempdir()) in each.parents]
    folders = [(each, each.stat().st_mode) for each in (folder, *above)]
    for each, _ in folders[1:]:
        each.chmod(0o755)
    folder.chmod(0o555)
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
        )
    finally:
        for each, mode in folders:
            each.chmod(mode)
    assert not done.stderr
    return done.stdout.strip()


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    """Another account's file."""
    path = made.ended(tmp_path / "run.sqlite")
    path.chmod(0)
    assert "cannot be read (Permission denied)" in as_nobody(path)


def test_a_file_that_was_removed(tmp_path: Path) -> None:
    """Reading on and asking are refused with a sentence, and make no new file."""
    run = open_run(made.ended(tmp_path / "run.sqlite"))
    run.path.unlink()
    with pytest.raises(RunFileError, match="cannot be read on"):
        run.samples()
    with pytest.raises(RunFileError, match="Nothing can be asked"):
        run.command("rate", 1)
    assert list(tmp_path.iterdir()) == []


# -- whose runner is not there --------------------------------------------------------------

WRITER = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.runfile import made
writer = made.begun(Path({path!r}))
made.fill(writer)
print("written", flush=True)
writer.meta("ended", {{"status": "completed", "sentence": "never committed", "t_s": 9.0}})
sys.stdin.read()
"""


def killed(path: Path) -> None:
    """Write a run file in a process that is killed while it has the file open."""
    code = WRITER.format(root=str(ROOT), path=str(path))
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        assert open_run(path).status == "running"
        os.kill(process.pid, signal.SIGKILL)
        until(lambda: process_start(process.pid) is None)
        assert open_run(path).status == "died"


def test_a_killed_writer_leaves_what_it_committed(tmp_path: Path) -> None:
    """Kill -9: everything committed is there, the status is died, the ending says what is known."""
    path = tmp_path / "run.sqlite"
    killed(path)
    run = open_run(path)
    assert len(run.samples()) == 8
    assert run.summary()["started"] == 40
    assert "died without a word" in run.ending
    assert "is intact" in run.ending


@pytest.mark.slow
def test_a_killed_writers_file_where_nothing_can_be_written(tmp_path: Path) -> None:
    """The write-ahead log beside it is read as well."""
    killed(tmp_path / "run.sqlite")
    assert as_nobody(tmp_path / "run.sqlite") == "died 8"


@pytest.mark.slow
def test_a_finished_file_opens_where_nothing_can_be_written(tmp_path: Path) -> None:
    """A read-only file in a read-only folder, as on a CD or somebody else's share."""
    path = made.ended(tmp_path / "run.sqlite")
    path.chmod(0o444)
    assert as_nobody(path) == "completed 8"


def test_a_copy_on_another_host(tmp_path: Path) -> None:
    """There the runner's process cannot be looked up: its heartbeat tells whether it lives."""
    writer = made.begun(tmp_path / "run.sqlite", host="elsewhere", pid=os.getpid())
    assert open_run(writer.path).status == "running"
    copy = tmp_path / "copy.sqlite"
    writer.close()
    shutil.copy(writer.path, copy)
    with sqlite3.connect(copy) as db:
        db.execute(
            "UPDATE meta SET value = CAST(value AS REAL) - ? WHERE name = 'heartbeat_unix_s'",
            (SILENT_S + 1,),
        )
    db.close()
    assert open_run(copy).status == "died"


def test_another_process_with_the_runners_number_is_not_the_runner(tmp_path: Path) -> None:
    """Numbers are used again; the start time tells them apart."""
    writer = made.begun(tmp_path / "run.sqlite", process_start="1")
    assert open_run(writer.path).status == "died"
    writer.close()


def test_duration_without_an_end(tmp_path: Path) -> None:
    """Until the last sign of life."""
    writer = made.begun(tmp_path / "run.sqlite")
    assert open_run(writer.path).duration_s == pytest.approx(1.0, abs=0.5)
    assert math.isfinite(open_run(writer.path).started_unix_s)
    writer.close()
