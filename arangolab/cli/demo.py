"""``arangolab demo``: from nothing to a finding."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Final

from arangolab import units
from arangolab.cli import executing, serving
from arangolab.cli import options as shared
from arangolab.errors import FindingError, InputError

NOTEBOOK: Final = "part3_capacity"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Where to leave the finding, how thorough, which server."""
    parser.epilog = (
        "example:  arangolab demo --quick --out finding\n"
        "Leaves an executed notebook, the same as an HTML page that opens offline, and the run\n"
        "files; the last line says what rate was sustained and what gave out first."
    )
    parser.add_argument(
        "--out", type=Path, help="folder for the finding (default: finding, finding-2, ...)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="short holds: done in under two minutes"
    )
    parser.add_argument(
        "--users", type=int, default=10_000, help="users of the graph (default 10000)"
    )
    shared.add_target(parser, "a server of yours instead of the embedded sandbox")


def run(options: argparse.Namespace) -> int:
    """Do it; the last line on stdout is the result."""
    from arangolab import notebooks

    out = empty_folder(options.out)
    with serving.server(options) as target:
        print(f"Data      {serving.load(target, options.users)}", flush=True)
        notebook = out / f"{NOTEBOOK}.ipynb"
        began_s = time.monotonic()
        parameters = {"quick": options.quick, "users": options.users}
        executing.execute(notebooks.path(NOTEBOOK), notebook, target, parameters)
        page = notebook.with_suffix(".html")
        from arangolab.finding import export_html

        export_html(notebook, page, title="Part III: capacity")
    from arangolab.runfile.reader import open_run

    ramp = open_run(out / "ramp.sqlite")
    print(f"Notebook  {notebook}  (executed in {units.seconds(time.monotonic() - began_s)})")
    print(f"Page      {page}  (opens offline)")
    for file in sorted(out.glob("*.sqlite")):
        print(f"Run       {file}")
    if ramp.verdict is None:
        raise FindingError(f"The ramp came to no verdict: {ramp.ending}")
    print(ramp.verdict["sentence"])
    return 0


def empty_folder(wanted: Path | None) -> Path:
    """An empty folder; raises InputError when the one wanted holds a finding already."""
    place = wanted or _free_folder()
    try:
        place.mkdir(parents=True, exist_ok=True)
        taken = any(place.glob("*.sqlite"))
    except OSError as error:
        raise InputError(
            f"{place} cannot be used for the finding ({error.strerror}).", hint="another --out."
        ) from error
    if taken:
        raise InputError(
            f"{place} holds a finding already; nothing is overwritten.", hint="another --out."
        )
    return place.resolve()


def _free_folder() -> Path:
    number, place = 1, Path("finding")
    while place.exists():
        number += 1
        place = Path(f"finding-{number}")
    return place
