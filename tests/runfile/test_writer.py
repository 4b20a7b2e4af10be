"""Writing: one file, never in anybody's way, and a sentence when it cannot be done."""

from __future__ import annotations

import contextlib
import math
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from arangolab.errors import RunFileError
from arangolab.injector.protocol import FirstError, Interval
from arangolab.metrics.sample import Sample
from arangolab.runfile import open_run
from arangolab.runfile.database import leave_log
from arangolab.runfile.writer import RunWriter
from tests.runfile import made

ROOT = Path(__file__).parents[2]


def one(time_s: float = 1.0) -> list[Sample]:
    """A sample."""
    return [Sample(time_s, "proc", "threads", 1.0, "threads")]


def test_one_file_is_left(tmp_path: Path) -> None:
    """After the end there is neither a write-ahead log nor its index; a copy is complete."""
    path = made.ended(tmp_path / "run.sqlite")
    assert [file.name for file in tmp_path.iterdir()] == ["run.sqlite"]
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(path.read_bytes())
    assert len(open_run(copy).samples()) == 8


def test_a_reader_does_not_keep_it_open(tmp_path: Path) -> None:
    """Somebody in the middle of reading at the end: closing waits a little, then is done."""
    writer = made.begun(tmp_path / "run.sqlite")
    reader = sqlite3.connect(writer.path, check_same_thread=False)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM meta").fetchone()
    timer = threading.Timer(0.2, reader.close)
    timer.start()
    writer.close()
    timer.join()
    assert [file.name for file in tmp_path.iterdir()] == ["run.sqlite"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A file that is there stays as it is."""
    path = tmp_path / "run.sqlite"
    path.write_text("precious")
    with pytest.raises(RunFileError, match="There is a file"):
        RunWriter(path)
    assert path.read_text() == "precious"


def test_failures_of_the_tests_own_making_are_told_by_time(tmp_path: Path) -> None:
    """Of all workers together, and none of the server's."""
    writer = RunWriter(tmp_path / "run.sqlite")
    for kind, own in (("409/1200 (same user twice)", True), ("500/4", False)):
        writer.first_error(
            FirstError(kind=kind, step="ask", status=1, error_num=1, message="no", t_s=1.0,
                       self_inflicted=own)
        )  # fmt: skip
        for worker, t_s in ((0, 1.0), (1, 1.0), (0, 2.0)):
            writer.interval(worker, Interval(t_s=t_s + own / 8, failed=2, errors={kind: 2}))
    writer.commit()
    assert writer.self_inflicted(0.0) == [{"t_s": 1.125, "count": 4}, {"t_s": 2.125, "count": 2}]
    assert writer.self_inflicted(1.5) == [{"t_s": 2.125, "count": 2}]
    writer.close()


def test_missing_folders_are_made(tmp_path: Path) -> None:
    """The run file's folder need not be there."""
    RunWriter(tmp_path / "a" / "b" / "run.sqlite").close()
    assert (tmp_path / "a" / "b" / "run.sqlite").is_file()


def test_who_reads_to_the_very_end_leaves_a_log_that_goes_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader outlasts the writer's patience: once it is gone the file is made one again."""
    monkeypatch.setattr("arangolab.runfile.writer.CLOSE_WITHIN_S", 0.1)
    writer = made.begun(tmp_path / "run.sqlite")
    writer.samples(one())
    writer.commit()
    with contextlib.closing(sqlite3.connect(f"{writer.path.as_uri()}?mode=ro", uri=True)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM samples").fetchone() == (1,)
        writer.close()
    assert len([*tmp_path.iterdir()]) == 3
    leave_log(writer.path)
    assert [file.name for file in tmp_path.iterdir()] == ["run.sqlite"]
    assert len(open_run(writer.path).samples()) == 1


def test_a_held_file_delays_but_loses_nothing(tmp_path: Path) -> None:
    """Another program holds the file for a while: commits are put off, and made up for."""
    writer = made.begun(tmp_path / "run.sqlite")
    other = sqlite3.connect(writer.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began_s = time.monotonic()
    writer.samples(one())
    writer.commit()
    assert time.monotonic() - began_s < 3.0
    assert len(open_run(writer.path).samples()) == 0
    other.execute("ROLLBACK")
    other.close()
    writer.samples(one(2.0))
    writer.commit()
    assert list(open_run(writer.path).samples()["time_s"]) == [1.0, 2.0]
    writer.close()


def test_a_removed_file_is_noticed(tmp_path: Path) -> None:
    """Writing on into a file without a name would lose everything in silence."""
    writer = made.begun(tmp_path / "run.sqlite")
    writer.path.unlink()
    with pytest.raises(RunFileError, match="was removed while the run went on"):
        writer.commit()
    writer.abandon({"status": "failed", "sentence": "x", "t_s": 1.0})


FULL = """
import resource, signal, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from arangolab.errors import RunFileError
from tests.runfile import made
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
writer = made.begun(Path({path!r}))
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
try:
    for _ in range(1000):
        made.fill(writer, 10)
except RunFileError as error:
    print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    writer.abandon({{"status": "failed", "sentence": "The disk was full.", "t_s": 9.0}})
"""


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    """A limit on the file's size stands for the disk; what was committed before is readable."""
    path = tmp_path / "run.sqlite"
    code = FULL.format(root=str(ROOT), path=str(path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "cannot be written any more" in done.stdout, done.stderr
    assert "Traceback" not in done.stderr
    assert open_run(path).summary()["started"] > 0


def test_a_step_that_never_began_is_dropped(tmp_path: Path) -> None:
    """Its number is used again."""
    writer = made.begun(tmp_path / "run.sqlite")
    writer.step_dropped(0)
    writer.step_begin(0, 20.0, 2, 0.5)
    writer.commit()
    assert [(s.number, s.rate_per_s) for s in open_run(writer.path).steps()] == [(0, 20.0)]
    writer.close()


def test_what_is_no_number_is_no_sample(tmp_path: Path) -> None:
    """NaN and infinities are left out; the samples beside them are kept."""
    writer = made.begun(tmp_path / "run.sqlite")
    odd = [Sample(1.0, "proc", "threads", value, "threads") for value in (math.nan, math.inf)]
    writer.samples([*odd, *one()])
    writer.commit()
    assert open_run(writer.path).samples()["value"].tolist() == [1.0]
    writer.close()
