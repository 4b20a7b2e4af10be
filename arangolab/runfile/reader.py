"""Reading a run file: while it is written, after its end, or after its runner was killed."""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arangolab.errors import RunFileError
from arangolab.histogram import Histogram, merge
from arangolab.metrics.quality import Quality
from arangolab.runfile import database
from arangolab.runfile.record import Record
from arangolab.runfile.schema import FORMAT

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class StepRow:
    """A rate that was held."""

    number: int
    rate_per_s: float
    """Scenarios started per second, asked for."""
    processes: int
    from_s: float
    """Begin, seconds since the run's start."""
    to_s: float | None
    """End; None while it is held."""
    judgement: dict[str, Any] | None
    """capacity.Judgement as a dict; None when it was not judged."""


def open_run(path: str | os.PathLike[str]) -> Run:
    """The run in the file; raises RunFileError when it is not a run file of a known format."""
    file = Path(path)
    database.check(file)
    run = Run(file)
    if not run.query("SELECT 1 FROM sqlite_master WHERE name = 'sample_table'"):
        raise RunFileError(f"{file} is an SQLite file, but not a run.", hint=database.ANOTHER)
    number = run.meta("format")
    if not isinstance(number, int):
        raise RunFileError(
            f"{file} does not tell its format: it is not a run.", hint=database.ANOTHER
        )
    if number > FORMAT:
        raise RunFileError(
            f"{file} has format {number}; this arangolab knows formats up to {FORMAT}.",
            hint="a newer arangolab.",
        )
    return run


class Run(Record):
    """One run, as recorded so far: its facts (record.py), and its tables as DataFrames."""

    # -- tables -----------------------------------------------------------------------------

    def one_series(self, source: str, name: str) -> list[tuple[float, float]]:
        """(time_s, value) of one sampled name, in the order of time."""
        return self.query(
            "SELECT t_s, value FROM samples WHERE series_id IN"
            " (SELECT id FROM series WHERE source = ? AND name = ? AND host = '') ORDER BY t_s",
            source,
            name,
        )

    def samples(self, from_s: float = -math.inf, to_s: float = math.inf) -> pd.DataFrame:
        """Every sample of a time span: columns time_s, source, name, value, unit.

        And host, where it differs.
        """
        from arangolab.runfile.tables import sample_frame

        frame = sample_frame(self.path, from_s, to_s)
        return frame if frame["host"].any() else frame.drop(columns="host")

    def wide(self, every_s: float | None = None) -> pd.DataFrame:
        """One column per ``source.name`` (``@host`` behind it for another host's); NaN is a gap.

        Sources have moments of their own.  ``every_s``: rows that far apart, each with the last
        value of the time up to it, so that the sources stand side by side.
        """
        frame = self.samples()
        if every_s is not None:
            frame["time_s"] = -(-frame["time_s"] // every_s) * every_s
        frame["column"] = frame["source"] + "." + frame["name"]
        if "host" in frame:
            frame["column"] += frame["host"].map(lambda host: f"@{host}" if host else "")
        return frame.pivot_table(index="time_s", columns="column", values="value", aggfunc="last")

    def names(self) -> pd.DataFrame:
        """What is in the samples: columns source, name, unit, meaning (and host)."""
        from arangolab.metrics.register import meaning_of

        frame = self._frame("SELECT source, name, unit, host FROM series ORDER BY source, name")
        rows = zip(frame["source"], frame["name"], frame["unit"], strict=True)
        frame.insert(3, "meaning", [meaning_of(*row) for row in rows])
        return frame if frame["host"].any() else frame.drop(columns="host")

    def intervals(self) -> pd.DataFrame:
        """The injectors' accounting, one row per worker and interval."""
        return self._frame("SELECT * FROM intervals ORDER BY t_s, worker")

    def errors(self) -> pd.DataFrame:
        """Errors by kind, with count and first message."""
        return self._frame("SELECT * FROM errors ORDER BY count DESC")

    def error_rows(self) -> list[dict[str, Any]]:
        """The same as plain rows."""
        return [
            {str(key): value for key, value in row.items()}
            for row in self.errors().to_dict("records")
        ]

    def events(self) -> pd.DataFrame:
        """What happened: time_s, kind, text."""
        return self._frame("SELECT t_s AS time_s, kind, text FROM events ORDER BY t_s, id")

    def commands(self) -> pd.DataFrame:
        """What was asked of the run while it ran."""
        return self._frame("SELECT * FROM commands ORDER BY id")

    def sources(self) -> pd.DataFrame:
        """What was measured how: source, what, clock, resolution, delay_s, received, lost, cpu_s.

        One row a source (metrics/quality.py); empty for a run that did not come so far.
        """
        import pandas as pd

        names = [field.name for field in fields(Quality)]
        return pd.DataFrame(self.meta("sources", []), columns=names)

    def small_print(self) -> dict[str, str]:
        """The same in a line each, and what was left out."""
        from arangolab.runfile.small_print import small_print

        return small_print(self)

    def steps(self) -> list[StepRow]:
        """The rates that were held, in order."""
        rows = self.query(
            "SELECT number, rate_per_s, processes, from_s, to_s, judgement FROM steps"
            " ORDER BY number"
        )
        return [
            StepRow(number, rate_per_s, processes, from_s, to_s, json.loads(text) if text else None)
            for number, rate_per_s, processes, from_s, to_s, text in rows
        ]

    def step_table(self) -> pd.DataFrame:
        """The steps with what was seen in each, one row a step; see summary.step_table."""
        from arangolab.runfile.summary import step_table

        return step_table(self)

    def new_samples(
        self, after: int = 0, most: int = -1
    ) -> tuple[list[tuple[float, str, str, float]], int]:
        """((time_s, source, name, value) rows added after the cursor, the next cursor).

        ``most``: rows at most; -1: all.
        """
        rows = self.query(
            "SELECT samples.rowid, t_s, source, name, value FROM samples"
            " JOIN series ON series.id = series_id WHERE samples.rowid > ? ORDER BY samples.rowid"
            " LIMIT ?",
            after,
            most,
        )
        return [row[1:] for row in rows], rows[-1][0] if rows else after

    def new_events(self, after: int = 0) -> tuple[list[tuple[float, str, str]], int]:
        """((t_s, kind, text) rows added after the cursor, the next cursor)."""
        rows = self.query("SELECT id, t_s, kind, text FROM events WHERE id > ? ORDER BY id", after)
        return [row[1:] for row in rows], rows[-1][0] if rows else after

    def new_histograms(self, after: int = 0, most: int = -1) -> tuple[list[tuple[str, str]], int]:
        """((name, encoded) of service and response times added after the cursor, the next)."""
        rows = self.query(
            "SELECT rowid, name, encoded FROM histograms WHERE rowid > ?"
            " AND name IN ('service', 'response') ORDER BY rowid LIMIT ?",
            after,
            most,
        )
        return [row[1:] for row in rows], rows[-1][0] if rows else after

    def histogram(
        self, name: str, from_s: float | None = None, to_s: float | None = None
    ) -> Histogram:
        """The merged histogram ``lateness | service | response | step:NAME`` of a time span."""
        rows = self.query(
            "SELECT encoded FROM histograms WHERE name = ? AND t_s > ? AND t_s <= ?",
            name,
            -1.0 if from_s is None else from_s,
            1e18 if to_s is None else to_s,
        )
        return merge(row[0] for row in rows)

    def summary(self) -> dict[str, Any]:
        """The run in figures, as ``arangolab run --json`` prints them."""
        from arangolab.runfile.summary import summarize

        return summarize(self)

    # -- while it runs ----------------------------------------------------------------------

    def command(self, name: str, value: Any = None) -> None:
        """Ask something of the run: rate, processes, max_in_flight, stop, note.

        Raises RunFileError when the file cannot be written to.
        """
        database.ask_of_runner(self.path, name, json.dumps(value))

    # -- inside -----------------------------------------------------------------------------

    def _frame(self, statement: str, *values: Any) -> pd.DataFrame:
        import pandas as pd

        columns, rows = database.ask(self.path, statement, values)
        return pd.DataFrame(rows, columns=columns)

    @property
    def heading(self) -> str:
        """The title, and the scenario's parameters where they are unusual and it tells of none."""
        plan = self.plan
        plain = not self.title or plan.called == plan.scenario or plan.called in self.title
        return (self.title or plan.called) if plain else f"{self.title}, {plan.called}"

    def __repr__(self) -> str:
        said = f": {self.verdict['sentence']}" if self.verdict else ""
        return f"<Run {self.path.name}: {self.heading}, {self.status}{said}>"

    def _repr_html_(self) -> str:
        from arangolab.runfile.summary import as_html

        return as_html(self)
