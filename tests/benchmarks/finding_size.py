"""What a finding of a long run weighs, against a page that keeps every point.

    python -m tests.benchmarks.finding_size [--quick] [--hours N]

The example's ramp is replayed, one copy behind the other, until the run file is as long as asked
for.  Told: bytes of run file, notebook and page, seconds to make them, and seconds until Chromium,
its network off, has drawn all figures; the peer is plotly's own write_html of the same curves.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from arangolab import five_graphs, open_run, units
from arangolab.finding import PLOTLY, make
from tests.benchmarks.common import ROOT, options, say
from tests.browser.lab import chromium_page

SHIFTED = (
    # (table, column of time, other columns)
    ("samples", "t_s", "series_id, value"),
    ("histograms", "t_s", "worker, name, encoded"),
    ("error_counts", "t_s", "kind, count"),
    ("replies", "t_s", "worker, kind, count"),
)
ALL_POINTS = 10**9


def replayed(file: Path, hours: float) -> Path:
    """The example's ramp, again and again; the steps stay those of the first."""
    source = ROOT / "notebooks" / "findings" / "ramp.sqlite"
    file.write_bytes(source.read_bytes())
    span_s = open_run(file).duration_s
    copies = max(1, round(hours * 3600 / span_s))
    numbers = "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < ?)"
    with sqlite3.connect(file) as db:
        for table, time_column, others in SHIFTED:
            copied = (
                f"INSERT INTO {table} ({time_column}, {others}) {numbers} "  # noqa: S608
                f"SELECT {time_column} + k * {span_s}, {others} FROM n, {table} "
                f"WHERE {table}.rowid <= ? ORDER BY k, {table}.rowid"
            )
            last = db.execute(f"SELECT max(rowid) FROM {table}").fetchone()  # noqa: S608
            db.execute(copied, (copies - 1, *last))
        ended = {**open_run(source).meta("ended"), "t_s": copies * span_s}
        db.execute("UPDATE meta SET value = ? WHERE name = 'ended'", (json.dumps(ended),))
    return file


def drawn_s(page: Path, figures: int) -> float:
    """Seconds from opening the page until its figures are drawn."""
    with chromium_page(offline=True) as tab:
        tab.set_default_timeout(300_000)
        began_s = time.monotonic()
        tab.goto(page.as_uri())
        tab.wait_for_function(
            "n => [...document.querySelectorAll('.js-plotly-plot')].filter("
            "plot => plot.querySelector('.scatterlayer .trace')).length === n",
            arg=figures,
        )
        return time.monotonic() - began_s


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """(seconds, what it returned)."""
    began_s = time.monotonic()
    done = work()
    return time.monotonic() - began_s, done


def main() -> None:
    """One row for the finding, one for the peer."""
    asked = options(__doc__ or "", hours=10)
    hours = 0.5 if asked.quick else float(asked.hours)
    with tempfile.TemporaryDirectory() as folder:
        run = open_run(replayed(Path(folder) / "long.sqlite", hours))
        say(f"run file: {units.seconds(run.duration_s)}, {units.size(run.path.stat().st_size)}")
        made_s, found = timed(lambda: make(run, "A long run", out=Path(folder) / "finding"))
        figures = found.notebook.read_text(encoding="utf-8").count(f'"{PLOTLY}"')
        everything = Path(folder) / "everything.html"
        figure_s, figure = timed(lambda: five_graphs(run, points=ALL_POINTS))
        figure.write_html(everything)
        say(f"finding: made in {made_s:.1f} s, notebook {_size(found.notebook)}, "
            f"page {_size(found.page)}, drawn in {drawn_s(found.page, figures):.1f} s")  # fmt: skip
        say(f"all points (plotly's write_html): made in {figure_s:.1f} s, page "
            f"{_size(everything)}, drawn in {drawn_s(everything, 1):.1f} s")  # fmt: skip
        ratio = everything.stat().st_size / found.page.stat().st_size
        say(f"the page of all points is {ratio:.1f} times as large")


def _size(file: Path) -> str:
    return units.size(file.stat().st_size)


if __name__ == "__main__":
    main()
