"""Writing a run file; the runner's alone.

What is added waits in memory and is written in one short transaction by :meth:`RunWriter.commit`,
so that whoever puts a command into the file never waits for more than that.
"""

from __future__ import annotations

import json
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
    f.name for f in fields(Interval) if f.name not in ("errors", "histograms", "t_s")
)


class RunWriter:
    """One run file being written."""

    def __init__(self, path: Path) -> None:
        """Create the file; raises RunFileError when it is there already or cannot be made."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.open("xb").close()
        except FileExistsError as error:
            raise RunFileError(
                f"There is a file {path} already.", hint="another name; nothing is overwritten."
            ) from error
        except OSError as error:
            raise RunFileError(
                f"The run file {path} cannot be made ({error.strerror}).",
                hint="a folder that can be written to.",
            ) from error
        self._db = sqlite3.connect(path, isolation_level=None, timeout=5.0)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)
        self._series: dict[tuple[str, str, str], int] = {}
        self._taken: set[int] = set()
        self._steps = 0
        self._waiting: list[tuple[str, list[tuple[Any, ...]]]] = []
        self.meta("format", FORMAT)
        self.commit()

    def commit(self) -> None:
        """Make all that was added since the last time visible to readers, and safe."""
        self.meta("heartbeat_unix_s", time.time())
        waiting, self._waiting = self._waiting, []
        self._db.execute("BEGIN IMMEDIATE")
        for statement, rows in waiting:
            self._db.executemany(statement, rows)
        self._db.execute("COMMIT")

    def _add(self, statement: str, *rows: tuple[Any, ...]) -> None:
        self._waiting.append((statement, list(rows)))

    def meta(self, name: str, value: Any) -> None:
        """Store a fact of the run as JSON."""
        self._add("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, json.dumps(value)))

    def event(self, t_s: float, kind: str, text: str, **data: Any) -> None:
        """Store what happened, in words."""
        self._add(
            "INSERT INTO events (t_s, kind, text, data) VALUES (?, ?, ?, ?)",
            (t_s, kind, text, json.dumps(data)),
        )

    def step_begin(self, rate_per_s: float, processes: int, from_s: float) -> int:
        """Store that a rate is held from now on; its number."""
        number = self._steps
        self._steps += 1
        self._add(
            "INSERT INTO steps (number, rate_per_s, processes, from_s) VALUES (?, ?, ?, ?)",
            (number, rate_per_s, processes, from_s),
        )
        return number

    def step_end(self, number: int, to_s: float) -> None:
        """Store that it is no longer held."""
        self._add("UPDATE steps SET to_s = ? WHERE number = ?", (to_s, number))

    def step_judged(self, number: int, judgement: Mapping[str, Any]) -> None:
        """Store how it was judged."""
        self._add(
            "UPDATE steps SET judgement = ? WHERE number = ?", (json.dumps(judgement), number)
        )

    def samples(self, samples: Iterable[Sample]) -> None:
        """Store samples."""
        rows = [(self._series_id(s), s.time_s, s.value) for s in samples]
        self._add("INSERT INTO samples VALUES (?, ?, ?)", *rows)

    def interval(self, worker: int, interval: Interval) -> None:
        """Store an injector's accounting of an interval."""
        names = ("worker", "t_s", *_COUNTS)
        values = (worker, interval.t_s, *(getattr(interval, name) for name in _COUNTS))
        marks = ", ".join("?" * len(names))
        self._add(f"INSERT INTO intervals ({', '.join(names)}) VALUES ({marks})", values)  # noqa: S608
        rows = [(worker, interval.t_s, name, text) for name, text in interval.histograms.items()]
        self._add("INSERT INTO histograms VALUES (?, ?, ?, ?)", *rows)
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
        return self._rows("intervals", from_s), self._rows("histograms", from_s)

    def self_inflicted(self, from_s: float, to_s: float) -> int:
        """Errors of the test's own making after ``from_s`` and up to ``to_s``, as committed."""
        row = self._db.execute(
            "SELECT coalesce(sum(error_counts.count), 0) FROM error_counts JOIN errors"
            " USING (kind) WHERE self_inflicted AND t_s > ? AND t_s <= ?",
            (from_s, to_s),
        ).fetchone()
        return int(row[0])

    def _rows(self, table: str, from_s: float) -> list[dict[str, Any]]:
        cursor = self._db.execute(f"SELECT * FROM {table} WHERE t_s > ?", (from_s,))  # noqa: S608
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def close(self) -> None:
        """Commit, and make it one file that can be copied."""
        self.commit()
        try:
            self._db.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError:
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)")  # somebody is reading
        self._db.close()

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
