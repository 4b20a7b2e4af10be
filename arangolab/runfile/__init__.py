"""The run file: one SQLite file per run."""

from arangolab.runfile.reader import Run, StepRow, open_run

__all__ = ["Run", "StepRow", "open_run"]
