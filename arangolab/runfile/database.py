"""Access to a run file's SQLite database: short connections, one for each question."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from arangolab.errors import RunFileError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ANOTHER: Final = "a file that arangolab wrote (its name ends in .sqlite)."
BUSY_S: Final = 5.0
"""How long a question waits while the runner commits."""
_MAGIC: Final = b"SQLite format 3\0"


def check(file: Path) -> None:
    """Raise RunFileError when it is not an SQLite file at all."""
    if file.is_dir():
        raise RunFileError(f"{file} is a folder, not a run file.", hint="a file in it.")
    try:
        with file.open("rb") as opened:
            head = opened.read(len(_MAGIC))
    except FileNotFoundError:
        raise RunFileError(f"There is no run file {file}.", hint="check the path.") from None
    except OSError as error:
        raise RunFileError(
            f"The run file {file} cannot be read ({error.strerror}).",
            hint="the account that made it.",
        ) from error
    if not head:
        raise RunFileError(f"{file} is empty: it is not a run file.", hint=ANOTHER)
    if head != _MAGIC:
        raise RunFileError(f"{file} is not a run file.", hint=ANOTHER)


def ask(
    path: Path, statement: str, values: tuple[Any, ...] = ()
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """(columns, rows); raises RunFileError when the file cannot be read."""
    with _reading(path) as db:
        cursor = db.execute(statement, values)
        return [column[0] for column in cursor.description], cursor.fetchall()


def numbers(
    path: Path, statement: str, values: tuple[Any, ...], row: np.dtype[np.void]
) -> NDArray[np.void]:
    """The rows as an array of ``row``, without a Python object kept for any of them.

    Raises RunFileError when the file cannot be read.
    """
    import numpy as np

    with _reading(path) as db:
        return np.fromiter(db.execute(statement, values), dtype=row)


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(_connect(path)) as db:
            yield db
    except sqlite3.Error as error:
        raise RunFileError(
            f"The run file {path} cannot be read on ({error}).",
            hint="whether it was cut short, changed or removed.",
        ) from error


def ask_of_runner(path: Path, name: str, value: str) -> None:
    """Put a command, its value as JSON, where the runner looks for one.

    Raises RunFileError when the file cannot be written to.
    """
    uri = f"{path.resolve().as_uri()}?mode=rw"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_S)) as db, db:
            db.execute(
                "INSERT INTO commands (at_unix_s, name, value) VALUES (?, ?, ?)",
                (time.time(), name, value),
            )
    except sqlite3.Error as error:
        raise RunFileError(
            f"Nothing can be asked of the run in {path} ({error}).",
            hint="the account that started the run, and that the file is still there.",
        ) from error


def leave_log(path: Path) -> None:
    """Make the file of an ended run one file, if it was read too busily when its writer closed."""
    if path.with_name(path.name + "-wal").exists():
        uri = f"{path.resolve().as_uri()}?mode=rw"
        with suppress(sqlite3.Error), closing(sqlite3.connect(uri, uri=True, timeout=BUSY_S)) as db:
            db.execute("PRAGMA journal_mode=DELETE")


def _connect(path: Path) -> sqlite3.Connection:
    """Read only; a finished file in a folder that cannot be written to opens as well."""
    uri = path.absolute().as_uri()
    db = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=BUSY_S)
    try:
        db.execute("PRAGMA schema_version")  # reads the file, and costs no more
    except sqlite3.Error:
        db.close()
        db = sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True)
    return db
