"""A run's tables for other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from arangolab.errors import InputError, RunFileError
from arangolab.runfile.reader import Run

FORMATS: Final = ("csv", "wide-csv", "parquet", "json")
"""The tidy sample table, one column per series, the tidy table again; the summary with steps,
errors and events."""


def export(run: Run, out: Path, kind: str) -> Path:
    """Write the run's data to ``out``; returns it.

    Raises InputError for an unknown format, RunFileError when ``out`` cannot be written.
    """
    try:
        if kind == "csv":
            run.samples().to_csv(out, index=False)
        elif kind == "wide-csv":
            run.wide().to_csv(out)
        elif kind == "parquet":
            _write_parquet(run, out)
        elif kind == "json":
            out.write_text(json.dumps(_document(run), indent=2), encoding="utf-8")
        else:
            raise InputError(f"There is no format {kind!r}.", hint=f"one of {', '.join(FORMATS)}.")
    except OSError as error:
        raise RunFileError(
            f"{out} cannot be written ({error.strerror}).", hint="another place for --out."
        ) from error
    return out


def _write_parquet(run: Run, out: Path) -> None:
    try:
        run.samples().to_parquet(out, index=False)
    except ImportError as error:
        raise InputError(
            "Parquet needs the package pyarrow.", hint="pip install 'arangolab[parquet]'."
        ) from error


def _document(run: Run) -> dict[str, object]:
    return {
        **run.summary(),
        "title": run.title,
        "server": run.server,
        "host": run.host,
        "versions": run.versions,
        "events": run.events().to_dict("records"),
        "sources": run.meta("sources", []),
    }
