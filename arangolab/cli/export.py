"""``arangolab export``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from arangolab.errors import InputError, RunFileError

if TYPE_CHECKING:
    from arangolab.runfile.reader import Run

FORMATS = ("finding", "csv", "wide-csv", "parquet", "json", "html")
_ENDING = {
    "csv": ".csv",
    "wide-csv": "-wide.csv",
    "parquet": ".parquet",
    "json": ".json",
    "html": ".html",
}
NOTEBOOK = ".ipynb"


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
        "steps, errors and events; html: the five graphs and the verdict's evidence as one page "
        "that opens offline; "
        "finding: executed notebook, offline page and run file in one folder",
    )
    parser.add_argument("--out", type=Path, help="where to (default: beside the file)")
    words = parser.add_argument_group("of a finding")
    words.add_argument("--title", default="", help="what stands over it (default: the run's)")
    words.add_argument("--conclusion", default="", help="what you make of it, in Markdown")
    words.add_argument("--redact", action="store_true", help="leave host names out")


def run(options: argparse.Namespace) -> int:
    """Write the file and say where it is."""
    from arangolab.runfile.export import export
    from arangolab.runfile.reader import open_run

    if options.names:
        _print_names(None if options.file is None else open_run(options.file))
        return 0
    if options.file is None:
        raise InputError("No run file is given.", hint="arangolab export ramp.sqlite")
    if options.file.suffix == NOTEBOOK:
        print(_page_of(options))
        return 0
    file = open_run(options.file)
    if options.format == "finding":
        return _make_finding(file, options)
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


def _make_finding(file: Run, options: argparse.Namespace) -> int:
    """A folder with the finding; says what is in it."""
    from arangolab.cli.progress import StatusLine
    from arangolab.finding import make

    line = StatusLine()
    made = make(
        file,
        options.title,
        conclusion=options.conclusion,
        out=options.out,
        redact=options.redact,
        progress=lambda cell, cells, heading, _: line.show(f"cell {cell}/{cells}, {heading}"),
    )
    line.clear()
    for path in (made.notebook, made.page, made.run_file):
        print(path)
    return 0


def _page_of(options: argparse.Namespace) -> Path:
    """The executed notebook as one page."""
    from arangolab.finding import export_html
    from arangolab.finding.redaction import redact_notebook

    notebook: Path = options.file
    if options.redact:
        place = options.out or notebook.with_name(f"{notebook.stem}-redacted")
        notebook = redact_notebook(notebook, place)
        options.out = None
    page: Path = options.out or notebook.with_suffix(".html")
    export_html(notebook, page, title=options.title or notebook.stem)
    return page


def _write_page(file: Run, out: Path) -> None:
    from arangolab.figures import evidence_graphs, five_graphs

    page = five_graphs(file).to_html(include_plotlyjs=True)
    if (file.verdict or {}).get("evidence_about"):
        more = evidence_graphs(file).to_html(full_html=False, include_plotlyjs=False)
        head, end, rest = page.rpartition("</body>")
        page = f"{head}{more}{end}{rest}"
    try:
        out.write_text(page, encoding="utf-8")
    except OSError as error:
        raise RunFileError(
            f"{out} cannot be written ({error.strerror}).", hint="another place for --out."
        ) from error
