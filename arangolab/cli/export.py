"""``arangolab export``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from arangolab.errors import RunFileError

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
    parser.epilog = "example:  arangolab export finding/ramp.sqlite --format html"
    parser.add_argument("file", type=Path, help="a run file")
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

    file = open_run(options.file)
    out = options.out or options.file.with_name(options.file.stem + _ENDING[options.format])
    if options.format == "html":
        _write_page(file, out)
    else:
        export(file, out, options.format)
    print(out)
    return 0


def _write_page(file: Run, out: Path) -> None:
    from arangolab.figures import five_graphs

    figure = five_graphs(file)
    try:
        figure.write_html(out, include_plotlyjs=True)
    except OSError as error:
        raise RunFileError(
            f"{out} cannot be written ({error.strerror}).", hint="another place for --out."
        ) from error
