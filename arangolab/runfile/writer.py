"""Writing a run file; the runner's alone.

What is added waits in memory and is written in one short transaction by :meth:`RunWriter.commit`,
so that whoever puts a command into the file never waits for more than that.
"""

from __future__ import annotations

import contextlib
import json
import math
import sqlite3
import time
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from arangolab.errors import RunFileError
from arangolab.injector.protocol import FirstError, Interval
from arangolab.metrics.sample import Sample
from arangolab.runfile.schema import FORMAT, SCHEMA

_COUNTS: Final = tuple(
    f.name for f in fields(Interval) if f.name not in ("errors", "replies", "histograms", "t_s")
)


_META: Final = "INSERT OR REPLACE INTO meta VALUES (?, ?)"
BUSY_S: Final = 0.5
"""How long a commit waits for another program's before it is put off."""
CLOSE_WITHIN_S: Final = 5.0


class RunWriter:
    """One run file being written."""

    def __init__(self, path: Path) -> None:
        """Create the file; raises RunFileError when it is there already or cannot be made."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.open("xb").close()
        except OSError as error:
            if path.exists():
                raise RunFileError(
                    f"There is a file {path} already.", hint="another name; nothing is overwritten."
                ) from error
            raise RunFileError(
                f"The run file {path} cannot be made ({error.strerror}).",
                hint="a folder that can be written to.",
            ) from error
        self._series: dict[tuple[str, str, str], int] = {}
        self._taken: set[int] = set()
        self._waiting: list[tuple[str, list[tuple[Any, ...]]]] = []
        try:
            self._db = sqlite3.connect(path, isolation_level=None, timeout=BUSY_S)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(SCHEMA)
            self.meta("format", FORMAT)
            self.commit()
        except (sqlite3.Error, RunFileError) as error:
            path.unlink(missing_ok=True)
            raise RunFileError(
                f"The run file {path} cannot be made ({error}).",
                hint="a folder on a local disk with space left.",
            ) from error

    def commit(self) -> None:
        """Make all that was added since the last time visible to readers, and safe.

        While another program holds the file it waits for the next time.  Raises RunFileError
        when the file cannot be written any more.
        """
        if not self.path.exists():
            raise RunFileError(f"The run file {self.path} was removed while the run went on.")
        heartbeat = (_META, [("heartbeat_unix_s", json.dumps(time.time()))])
        try:
            self._db.execute("BEGIN IMMEDIATE")
            for statement, rows in (*self._waiting, heartbeat):
                self._db.executemany(statement, rows)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if not getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
                raise RunFileError(
                    f"The run file {self.path} cannot be written any more ({error}).",
                    hint="space on its disk.",
                ) from error
        else:
            self._waiting.clear()

    def abandon(self, ended: Mapping[str, Any]) -> None:
        """Say how the run ended, if nothing else can be written."""
        self._waiting.clear()
        self.meta("ended", ended)
        with contextlib.suppress(sqlite3.Error, RunFileError):
            self.close()

    def _add(self, statement: str, *rows: tuple[Any, ...]) -> None:
        self._waiting.append((statement, list(rows)))

    def meta(self, name: str, value: Any) -> None:
        """Store a fact of the run as JSON."""
        self._add(_META, (name, json.dumps(value)))

    def event(self, t_s: float, kind: str, text: str, **data: Any) -> None:
        """Store what happened, in words."""
        self._add(
            "INSERT INTO events (t_s, kind, text, data) VALUES (?, ?, ?, ?)",
            (t_s, kind, text, json.dumps(data)),
        )

    def step_begin(self, number: int, rate_per_s: float, processes: int, from_s: float) -> None:
        """Store that a rate is held from now on."""
        self._add(
            "INSERT INTO steps (number, rate_per_s, processes, from_s) VALUES (?, ?, ?, ?)",
            (number, rate_per_s, processes, from_s),
        )

    def step_dropped(self, number: int) -> None:
        """Forget a step that ended before it began."""
        self._add("DELETE FROM steps WHERE number = ?", (number,))

    def step_end(self, number: int, to_s: float) -> None:
        """Store that it is no longer held."""
        self._add("UPDATE steps SET to_s = ? WHERE number = ?", (to_s, number))

    def step_judged(self, number: int, judgement: Mapping[str, Any]) -> None:
        """Store how it was judged."""
        self._add(
            "UPDATE steps SET judgement = ? WHERE number = ?", (json.dumps(judgement), number)
        )

    def samples(self, samples: Iterable[Sample]) -> None:
        """Store samples; what is no finite number is no sample."""
        rows = [(self._series_id(s), s.time_s, s.value) for s in samples if math.isfinite(s.value)]
        self._add("INSERT INTO samples VALUES (?, ?, ?)", *rows)

    def interval(self, worker: int, interval: Interval) -> None:
        """Store an injector's accounting of an interval."""
        names = ("worker", "t_s", *_COUNTS)
        values = (worker, interval.t_s, *(getattr(interval, name) for name in _COUNTS))
        marks = ", ".join("?" * len(names))
        self._add(f"INSERT INTO intervals ({', '.join(names)}) VALUES ({marks})", values)  # noqa: S608
        rows = [(worker, interval.t_s, name, text) for name, text in interval.histograms.items()]
        self._add("INSERT INTO histograms VALUES (?, ?, ?, ?)", *rows)
        replies = [(worker, interval.t_s, kind, count) for kind, count in interval.replies.items()]
        self._add("INSERT INTO replies VALUES (?, ?, ?, ?)", *replies)
        for kind, count in interval.errors.items():
            self._count_error(interval.t_s, kind, count)

    def first_error(self, error: FirstError) -> None:
        """Store the first error of a kind; another worker's first changes nothing."""
        self._add(
            "INSERT INTO errors (kind, count, step, status, error_num, first_s, last_s,"
            " first_message, self_inflicted) VALUES (?, 0, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (kind) DO UPDATE SET step = excluded.step, status = excluded.status,"
            " error_num = excluded.error_num, first_s = excluded.first_s,"
            " first_message = excluded.first_message, self_inflicted = excluded.self_inflicted"
            " WHERE first_message = ''",
            (
                error.kind,
                error.step,
                error.status,
                error.error_num,
                error.t_s,
                error.t_s,
                error.message,
                error.self_inflicted,
            ),
        )

    def take_commands(self) -> list[tuple[int, str, Any]]:
        """(id, name, value) of the commands not yet carried out; value None when not JSON."""
        found = self._db.execute(
            "SELECT id, name, value FROM commands WHERE taken_s IS NULL ORDER BY id"
        ).fetchall()
        return [
            (number, name, _json_or_none(value))
            for number, name, value in found
            if number not in self._taken
        ]

    def command_taken(self, number: int, t_s: float, refused: str | None = None) -> None:
        """Store that a command was carried out, or why not."""
        self._taken.add(number)
        self._add(
            "UPDATE commands SET taken_s = ?, refused = ? WHERE id = ?", (t_s, refused, number)
        )

    def judgeable(self, from_s: float) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """(interval rows, histogram rows) from ``from_s`` on, as committed."""
        whole = " AND name NOT LIKE 'step:%'"
        return self._rows("intervals", from_s), self._rows("histograms", from_s, whole)

    def points(self, from_s: float, to_s: float) -> list[tuple[float, str, str, float]]:
        """(t_s, source, name, value) of the samples of host and process in that time."""
        rows = self._db.execute(
            "SELECT time_s, source, name, value FROM sample_table"
            " WHERE source IN ('host', 'proc') AND time_s BETWEEN ? AND ?",
            (from_s, to_s),
        )
        return list(rows)

    def self_inflicted(self, from_s: float) -> list[dict[str, Any]]:
        """Failures of the test's own making after ``from_s``: rows of t_s and count."""
        cursor = self._db.execute(
            "SELECT t_s, sum(error_counts.count) FROM error_counts JOIN errors"
            " USING (kind) WHERE self_inflicted AND t_s > ? GROUP BY t_s",
            (from_s,),
        )
        return [{"t_s": t_s, "count": count} for t_s, count in cursor]

    def _rows(self, table: str, from_s: float, more: str = "") -> list[dict[str, Any]]:
        statement = f"SELECT * FROM {table} WHERE t_s > ?{more}"  # noqa: S608
        cursor = self._db.execute(statement, (from_s,))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def close(self) -> None:
        """Commit, and make it one file that can be copied.

        Raises RunFileError when what is left cannot be written.
        """
        end = time.monotonic() + CLOSE_WITHIN_S
        self.commit()
        while self._waiting and time.monotonic() < end:
            self.commit()
        if self._waiting:
            raise RunFileError(
                f"The run file {self.path} is held by another program; its end is missing."
            )
        while not self._one_file() and time.monotonic() < end:
            time.sleep(0.02)
        self._db.close()

    def _one_file(self) -> bool:
        """Leave the write-ahead log; False while somebody is reading."""
        try:
            mode = self._db.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
        except sqlite3.OperationalError:
            return False
        return bool(mode == "delete")

    def _series_id(self, sample: Sample) -> int:
        key = (sample.source, sample.name, sample.host)
        known = self._series.get(key)
        if known is None:
            known = self._series[key] = len(self._series) + 1
            self._add(
                "INSERT INTO series VALUES (?, ?, ?, ?, ?)",
                (known, sample.source, sample.name, sample.unit, sample.host),
            )
        return known

    def _count_error(self, t_s: float, kind: str, count: int) -> None:
        self._add("INSERT INTO error_counts VALUES (?, ?, ?)", (t_s, kind, count))
        self._add(
            "INSERT INTO errors (kind, count, step, status, error_num, first_s, last_s,"
            " first_message) VALUES (?, ?, '', 0, 0, ?, ?, '')"
            " ON CONFLICT (kind) DO UPDATE SET count = count + excluded.count,"
            " last_s = excluded.last_s",
            (kind, count, t_s, t_s),
        )


def _json_or_none(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
