"""``arangolab export``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from arangolab.errors import InputError, RunFileError

if TYPE_CHECKING:
    from arangolab.runfile.reader import Run

FORMATS = ("csv", "wide-csv", "parquet", "json", "html")
_ENDING = {
    "csv": ".csv",
    "wide-csv": "-wide.csv",
    "parquet": ".parquet",
    "json": ".json",
    "html": ".html",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Which run, which form, where to."""
    parser.epilog = (
        "examples:  arangolab export finding/ramp.sqlite --format html\n"
        "           arangolab export --names"
    )
    parser.add_argument("file", type=Path, nargs="?", help="a run file")
    parser.add_argument(
        "--names",
        action="store_true",
        help="only say what the samples are called, with unit and meaning: those of the run file, "
        "or without one all there are",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="csv",
        help="csv: one row per sample (default); wide-csv: one column per series; "
        "parquet: the first as Parquet (extra parquet); json: summary, "
        "steps, errors and events; html: the five graphs as one page that opens offline",
    )
    parser.add_argument("--out", type=Path, help="where to (default: beside the run file)")


def run(options: argparse.Namespace) -> int:
    """Write the file and say where it is."""
    from arangolab.runfile.export import export
    from arangolab.runfile.reader import open_run

    if options.names:
        _print_names(None if options.file is None else open_run(options.file))
        return 0
    if options.file is None:
        raise InputError("No run file is given.", hint="arangolab export ramp.sqlite")
    file = open_run(options.file)
    out = options.out or options.file.with_name(options.file.stem + _ENDING[options.format])
    if options.format == "html":
        _write_page(file, out)
    else:
        export(file, out, options.format)
    print(out)
    return 0


def _print_names(file: Run | None) -> None:
    rows = [("SOURCE", "NAME", "UNIT", "MEANING"), *(_all_names() if file is None else _of(file))]
    widths = [max(len(row[n]) for row in rows) for n in range(3)]
    for row in rows:
        cells = (f"{cell:{width}}" for cell, width in zip(row, widths, strict=False))
        print("  ".join((*cells, row[3])).rstrip())


def _all_names() -> list[tuple[str, str, str, str]]:
    from arangolab.metrics.register import NAMES, PATTERNS

    fixed = [(source, name, *told) for (source, name), told in NAMES.items()]
    return [*fixed, *(("statsd, collectd", *pattern) for pattern in PATTERNS)]


def _of(file: Run) -> list[tuple[str, str, str, str]]:
    names = file.names()
    if "host" in names:
        names["source"] += names.pop("host").map(lambda host: f"@{host}" if host else "")
    rows = names[["source", "name", "unit", "meaning"]].to_numpy()
    return [(str(a), str(b), str(c), str(d)) for a, b, c, d in rows]


def _write_page(file: Run, out: Path) -> None:
    from arangolab.figures import five_graphs

    figure = five_graphs(file)
    try:
        figure.write_html(out, include_plotlyjs=True)
    except OSError as error:
        raise RunFileError(
            f"{out} cannot be written ({error.strerror}).", hint="another place for --out."
        ) from error
