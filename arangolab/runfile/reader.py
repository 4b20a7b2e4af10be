"""Reading a run file: while it is written, after its end, or after its runner was killed."""

from __future__ import annotations

import json
import math
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from arangolab import units
from arangolab.errors import RunFileError
from arangolab.histogram import Histogram, merge
from arangolab.metrics.quality import Quality
from arangolab.plan import Plan
from arangolab.runfile import database
from arangolab.runfile.schema import FORMAT
from arangolab.showing import Told

if TYPE_CHECKING:
    import pandas as pd

    from arangolab.search import Result

SILENT_S: Final = 10.0
"""A runner on another host counts as dead after this many seconds without a sign of life."""


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


class Run:
    """One run, as recorded so far."""

    def __init__(self, path: Path) -> None:
        self.path = path

    # -- facts ------------------------------------------------------------------------------

    def meta(self, name: str, default: Any = None) -> Any:
        """A fact of the run (see runfile/schema.py), or the default."""
        rows = self.query("SELECT value FROM meta WHERE name = ?", name)
        return json.loads(rows[0][0]) if rows else default

    @property
    def plan(self) -> Plan:
        """What was planned."""
        return Plan.from_json(json.dumps(self.meta("plan")))

    @property
    def title(self) -> str:
        """What stands over its figures."""
        return str(self.meta("title", ""))

    @property
    def server(self) -> dict[str, Any]:
        """Facts of the server: version, sandbox, pid, limits, ..."""
        return dict(self.meta("server", {}))

    @property
    def host(self) -> dict[str, Any]:
        """Facts of the runner's host."""
        return dict(self.meta("host", {}))

    @property
    def versions(self) -> dict[str, str]:
        """Versions of Python and of the packages that matter."""
        return dict(self.meta("versions", {}))

    @property
    def started_unix_s(self) -> float:
        """Wall clock at the run's zero of time."""
        return float(self.meta("started_unix_s", 0.0))

    @property
    def duration_s(self) -> float:
        """Seconds from the run's start to its end, or to the last thing recorded."""
        ended = self.meta("ended")
        if ended:
            return float(ended["t_s"])
        return max(0.0, self._last_sign_unix_s() - self.started_unix_s)

    @property
    def left_s(self) -> float:
        """Seconds until all that is planned was held, about; inf: until it is stopped."""
        outlook = self.meta("outlook")
        if self.meta("ended") is not None:
            return 0.0
        passed_s = self.duration_s
        if outlook:
            return float(max(1.0, outlook["at_s"] + outlook["left_s"] - passed_s))
        return max(0.0, self.plan.duration_s - passed_s)

    @property
    def verdict(self) -> dict[str, Any] | None:
        """diagnosis.Verdict as a dict; None while there is none."""
        found = self.meta("verdict")
        return Told(found) if found else None

    @property
    def capacity(self) -> Result | None:
        """What the search for the capacity came to; None: there was none, or it goes on."""
        from arangolab.search import Result

        found = self.meta("capacity")
        return Result(**found) if found else None

    @property
    def endurance(self) -> dict[str, Any] | None:
        """endurance.Endurance as a dict; None: it was no endurance run, or it goes on."""
        found = self.meta("endurance")
        return Told(found) if found else None

    def one_series(self, source: str, name: str) -> list[tuple[float, float]]:
        """(time_s, value) of one sampled name, in the order of time."""
        return self.query(
            "SELECT t_s, value FROM samples WHERE series_id IN"
            " (SELECT id FROM series WHERE source = ? AND name = ? AND host = '') ORDER BY t_s",
            source,
            name,
        )

    @property
    def status(self) -> str:
        """running, completed, stopped, failed, or died (its runner was killed)."""
        ended = self.meta("ended")
        if ended:
            return str(ended["status"])
        return "running" if self._runner_lives() else "died"

    @property
    def ending(self) -> str:
        """How the run ended, in a sentence."""
        ended = self.meta("ended")
        if ended:
            return str(ended["sentence"])
        if self._runner_lives():
            return f"The run goes on, since {units.seconds(self.duration_s)}."
        return (
            f"The run's process died without a word; it was last heard of after "
            f"{units.seconds(self.duration_s)}. What was recorded until then is intact."
        )

    # -- tables -----------------------------------------------------------------------------

    def samples(self, from_s: float = -math.inf, to_s: float = math.inf) -> pd.DataFrame:
        """Every sample of a time span: columns time_s, source, name, value, unit.

        And host, where it differs.
        """
        frame = self._frame(
            "SELECT * FROM sample_table WHERE time_s BETWEEN ? AND ? ORDER BY time_s",
            max(-1e18, from_s),
            min(1e18, to_s),
        )
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

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the file; any thread may ask.  Raises RunFileError when it cannot be read."""
        return database.ask(self.path, statement, values)[1]

    def _frame(self, statement: str, *values: Any) -> pd.DataFrame:
        import pandas as pd

        columns, rows = database.ask(self.path, statement, values)
        return pd.DataFrame(rows, columns=columns)

    def _last_sign_unix_s(self) -> float:
        return float(self.meta("heartbeat_unix_s", self.started_unix_s))

    def _runner_lives(self) -> bool:
        runner: Mapping[str, Any] = self.meta("runner", {})
        if runner.get("host") != socket.gethostname():
            return time.time() - self._last_sign_unix_s() < SILENT_S
        return process_start(int(runner["pid"])) == str(runner["process_start"])

    def __repr__(self) -> str:
        said = f": {self.verdict['sentence']}" if self.verdict else ""
        return f"<Run {self.path.name}: {self.title or self.plan.scenario}, {self.status}{said}>"

    def _repr_html_(self) -> str:
        from arangolab.runfile.summary import as_html

        return as_html(self)


def process_start(pid: int) -> str | None:
    """What tells this process from a later one of the same number; None when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]
