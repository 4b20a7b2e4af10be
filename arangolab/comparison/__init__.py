"""Two or more runs or findings side by side: what differs, and whether it became better."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from arangolab.comparison.outcome import outcome
from arangolab.comparison.report import Comparison
from arangolab.comparison.subject import differences, subject
from arangolab.errors import InputError
from arangolab.runfile.reader import Run

__all__ = ["Comparison", "compare"]

P95_TOLERANCE = 0.25


def compare(
    *runs: str | os.PathLike[str] | Run | Mapping[str, Any], p95_tolerance: float = P95_TOLERANCE
) -> Comparison:
    """Hold runs against the first of them: better, worse, or it cannot be told.

    ``runs``: run files, findings (executed notebooks), runs, or the summary of one
    (finding.summary.of_run).  The capacities decide where there are any; else the 95th percentiles
    of the response time at the rates that were held in both, where all of them changed by more
    than ``p95_tolerance`` (a ratio) in one direction.  Raises InputError for fewer than two,
    RunFileError, FindingError for what cannot be read.
    """
    if len(runs) < 2:
        raise InputError("There is nothing to compare.", hint="two run files or findings.")
    if not p95_tolerance > 0:
        raise InputError(f"A tolerance of {p95_tolerance} is none.", hint="0.25 for 25 %.")
    subjects = tuple(subject(run) for run in runs)
    return Comparison(
        subjects=subjects,
        differences=differences(subjects),
        outcomes=tuple(outcome(subjects[0], one, p95_tolerance) for one in subjects[1:]),
    )
