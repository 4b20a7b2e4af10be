"""``arangolab compare``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from arangolab.cli import options as shared
from arangolab.cli import statuses

if TYPE_CHECKING:
    from arangolab.comparison import Comparison

EPILOG = f"""examples:
  arangolab compare before.sqlite after.sqlite
  arangolab compare finding.ipynb after.sqlite --json     in a pipeline: is it worse than that?
exit status:
  {statuses.MET} no worse: better, or no difference can be shown
  {statuses.NOT_MET} worse
  {statuses.INJECTOR_LIMITED} injector-limited: one of them says nothing about the server
  {statuses.INVALID} they cannot be compared: other scenarios or objectives, or one is not valid
  1 the command could not do its work; 2 a value given cannot be used"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """What to compare."""
    parser.epilog = EPILOG
    parser.add_argument("first", type=Path, help="a run file, or a finding's notebook")
    parser.add_argument("others", type=Path, nargs="+", help="what to hold against it")
    parser.add_argument(
        "--p95-tolerance",
        default="0.25",
        metavar="RATIO",
        help="where no limit was reached: by how much the 95th percentile of the response time may "
        "change at each rate (0.25)",
    )
    parser.add_argument("--json", action="store_true", help="the result as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Compare, and say it; the exit status says whether it became worse."""
    from arangolab.comparison import compare

    tolerance = shared.positive("--p95-tolerance", options.p95_tolerance)
    found = compare(options.first, *options.others, p95_tolerance=tolerance)
    print(json.dumps(found.to_dict()) if options.json else found)
    return status_of(found)


def status_of(found: Comparison) -> int:
    """The exit status of a comparison."""
    if found.word == "worse":
        return statuses.NOT_MET
    if found.comparable:
        return statuses.MET
    limited = any(one.injector_limited for one in found.outcomes)
    return statuses.INJECTOR_LIMITED if limited else statuses.INVALID
