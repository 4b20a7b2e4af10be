"""A run's data for other programs."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from arangolab.errors import InputError, RunFileError
from arangolab.metrics.sample import Sample
from arangolab.runfile import Run, open_run
from arangolab.runfile.export import export
from tests.runfile import made


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A complete run."""
    return open_run(made.ended(tmp_path / "run.sqlite"))


def test_csv(run: Run, tmp_path: Path) -> None:
    """The tidy table comes back as it was."""
    frame = pd.read_csv(export(run, tmp_path / "out.csv", "csv"))
    pd.testing.assert_frame_equal(frame, run.samples())


def test_wide_csv(run: Run, tmp_path: Path) -> None:
    """One column per series."""
    frame = pd.read_csv(export(run, tmp_path / "out.csv", "wide-csv"), index_col="time_s")
    assert list(frame["proc.threads"]) == [11, 12, 13, 14]


def test_sources_side_by_side(tmp_path: Path) -> None:
    """Each row has the last value of the time up to it."""
    writer = made.begun(tmp_path / "run.sqlite")
    proc = [Sample(time_s, "proc", "threads", 2 * time_s, "threads") for time_s in (0.9, 1.0)]
    arango = [Sample(time_s, "arango", "threads", 5.0, "threads") for time_s in (0.6, 1.1)]
    writer.samples([*proc, *arango])
    writer.close()
    wide = open_run(tmp_path / "run.sqlite").wide(every_s=1.0)
    assert list(wide.index) == [1.0, 2.0]
    assert wide.loc[1.0].to_dict() == {"arango.threads": 5.0, "proc.threads": 2.0}
    assert wide["proc.threads"].isna()[2.0]


def test_parquet(run: Run, tmp_path: Path) -> None:
    """The tidy table, types included."""
    frame = pd.read_parquet(export(run, tmp_path / "out.parquet", "parquet"))
    pd.testing.assert_frame_equal(frame, run.samples())


def test_json(run: Run, tmp_path: Path) -> None:
    """The summary, with facts and events."""
    document = json.loads(export(run, tmp_path / "out.json", "json").read_text())
    assert (document["started"], document["title"]) == (40, "by hand")
    assert [event["kind"] for event in document["events"]] == ["start", "end"]


def test_every_series_is_said_with_its_meaning(run: Run) -> None:
    """So that a file can be read without the program at hand."""
    names = run.names().set_index(["source", "name"])
    assert list(names.loc[("proc", "threads")]) == ["threads", "threads of the server's process"]
    assert (names["meaning"] != "").all()


def test_what_cannot_be_exported(run: Run, tmp_path: Path) -> None:
    """An unknown format, and a place that cannot be written to, each with a sentence."""
    with pytest.raises(InputError, match="no format 'xlsx'"):
        export(run, tmp_path / "out", "xlsx")
    for kind in ("csv", "wide-csv", "parquet", "json"):
        with pytest.raises(RunFileError, match="cannot be written"):
            export(run, tmp_path / "nowhere" / "out", kind)
