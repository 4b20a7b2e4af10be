"""Host names out of what is given away: a run's file, a notebook."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from arangolab.errors import FindingError, RunFileError
from arangolab.finding import summary
from arangolab.runfile.reader import Run, open_run

Names = Mapping[str, str]
"""A host's name, and what stands in its place."""


def names_of(run: Run) -> dict[str, str]:
    """The hosts that the run tells of: the server's, the runner's, those of samples."""
    urls = [str(url) for url in run.server.get("urls", [])]
    servers = [urlsplit(url).hostname or "" for url in urls]
    others = [run.host.get("name"), run.meta("runner", {}).get("host")]
    others += [row[0] for row in run.query("SELECT DISTINCT host FROM series")]
    found = {name: f"server-{n}" for n, name in enumerate(_distinct(servers), 1)}
    rest = [name for name in _distinct(others) if name not in found]
    found.update({name: f"host-{n}" for n, name in enumerate(rest, 1)})
    return found


def redact(text: str, names: Names) -> str:
    """The text with each name, as a word of its own, replaced."""
    for name, stand_in in sorted(names.items(), key=lambda item: -len(item[0])):
        text = re.sub(rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)", stand_in, text)
    return text


def redact_file(file: Path, names: Names) -> None:
    """Replace the names in every text of the run file; nothing of them is left in it.

    Raises RunFileError when it cannot be written.
    """
    try:
        with closing(sqlite3.connect(file)) as db:
            db.create_function("redacted", 1, lambda text: _redacted(text, names))
            for table, column in _texts(db):
                new = f'redacted("{column}")'
                differs = f'typeof("{column}") = \'text\' AND {new} IS NOT "{column}"'
                db.execute(f'UPDATE "{table}" SET "{column}" = {new} WHERE {differs}')  # noqa: S608
            db.commit()
            db.execute("VACUUM")
    except sqlite3.Error as error:
        raise RunFileError(
            f"{file} cannot be redacted ({error}).", hint="another --out."
        ) from error


def redact_notebook(notebook: Path, folder: Path) -> Path:
    """A copy of an executed notebook, and of its run files, without host names in a new folder.

    Raises FindingError when it is no finding or the folder is there.
    """
    told = summary.read(notebook)
    runs = [open_run(file) for file in _beside(notebook, told) if file.is_file()]
    names = {name: stand_in for run in runs for name, stand_in in names_of(run).items()}
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise FindingError(
            f"{folder} cannot be made ({error.strerror}).", hint="another --out."
        ) from error
    document = json.loads(redact(notebook.read_text(encoding="utf-8"), names))
    told = document["metadata"][summary.KEY]
    files = {run["run_file"]["name"]: run["run_file"] for run in told["runs"]}
    for run in runs:
        copy = folder / run.path.name
        shutil.copyfile(run.path, copy)
        redact_file(copy, names)
        told_file = files[run.path.name]
        told_file.update(sha256=summary.sha256_of(copy), bytes=copy.stat().st_size)
    out = folder / notebook.name
    out.write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
    return out


def _beside(notebook: Path, told: Mapping[str, Any]) -> list[Path]:
    return [notebook.with_name(str(run["run_file"]["name"])) for run in told["runs"]]


def _redacted(value: Any, names: Names) -> Any:
    return redact(value, names) if isinstance(value, str) else value


def _texts(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """(table, column) of all that may hold text."""
    tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return [
        (table, str(column[1]))
        for table in tables
        for column in db.execute(f'PRAGMA table_info("{table}")')
        if str(column[2]).upper() == "TEXT"
    ]


def _distinct(names: list[Any]) -> list[str]:
    """Those that give something away: neither empty nor this host's loopback."""
    told = [str(name) for name in names if name]
    return [name for name in dict.fromkeys(told) if not _everybodys(name)]


def _everybodys(name: str) -> bool:
    """Whether the name is everybody's: localhost, 127.0.0.1."""
    return name == "localhost" or name.startswith("127.") or name == "::1"
