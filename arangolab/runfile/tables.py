"""The sample table of a run file as a frame, in one pass: a run of ten hours has millions of rows.

SQLite's view joins and sorts them with their names, and Python holds each as a tuple; here numbers
alone are read, straight into an array, and names are put to them at the end.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Final

from arangolab.runfile import database

if TYPE_CHECKING:
    import pandas as pd

_NUMBERS: Final = [("t_s", "f8"), ("series", "i8"), ("value", "f8")]
_ALL: Final = "SELECT t_s, series_id, value FROM samples"
_NAMES: Final = ("source", "name", "unit", "host")


def sample_frame(file: Path, from_s: float = -math.inf, to_s: float = math.inf) -> pd.DataFrame:
    """Columns time_s, source, name, value, unit, host of that time span, ascending in time.

    Rows of the same moment stay in the order they were written in.  Raises RunFileError.
    """
    import numpy as np
    import pandas as pd

    row = np.dtype(_NUMBERS)
    if from_s == -math.inf and to_s == math.inf:  # not by the index of times, which is slower
        rows = database.numbers(file, _ALL, (), row)
    else:
        rows = database.numbers(file, f"{_ALL} WHERE t_s BETWEEN ? AND ?", (from_s, to_s), row)
    rows = rows[np.argsort(rows["t_s"], kind="stable")]
    _, series = database.ask(file, f"SELECT id, {', '.join(_NAMES)} FROM series ORDER BY id")  # noqa: S608
    known = pd.DataFrame(series, columns=["id", *_NAMES])
    place = np.searchsorted(known["id"].to_numpy(dtype="i8"), rows["series"])
    frame = known[list(_NAMES)].take(place).reset_index(drop=True)
    frame.insert(0, "time_s", rows["t_s"])
    frame.insert(3, "value", rows["value"])
    return frame
