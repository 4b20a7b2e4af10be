"""The facts of a run file: what was planned, on which server, and how it goes or ended."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from arangolab import units
from arangolab.plan import Plan
from arangolab.runfile import database
from arangolab.showing import Told

if TYPE_CHECKING:
    from arangolab.search import Result

SILENT_S: Final = 10.0
"""A runner on another host counts as dead after this many seconds without a sign of life."""


class Record:
    """A run file, as far as it was written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the file; any thread may ask.  Raises RunFileError when it cannot be read."""
        return database.ask(self.path, statement, values)[1]

    def meta(self, name: str, default: Any = None) -> Any:
        """A fact of the run (see runfile/schema.py), or the default."""
        rows = self.query("SELECT value FROM meta WHERE name = ?", name)
        return json.loads(rows[0][0]) if rows else default

    @property
    def plan(self) -> Plan:
        """What was planned."""
        return Plan.from_json(json.dumps(self.meta("plan")))

    @property
    def title(self) -> str:
        """What stands over its figures."""
        return str(self.meta("title", ""))

    @property
    def server(self) -> dict[str, Any]:
        """Facts of the server: version, sandbox, pid, limits, ..."""
        return dict(self.meta("server", {}))

    @property
    def host(self) -> dict[str, Any]:
        """Facts of the runner's host."""
        return dict(self.meta("host", {}))

    @property
    def versions(self) -> dict[str, str]:
        """Versions of Python and of the packages that matter."""
        return dict(self.meta("versions", {}))

    @property
    def started_unix_s(self) -> float:
        """Wall clock at the run's zero of time."""
        return float(self.meta("started_unix_s", 0.0))

    @property
    def duration_s(self) -> float:
        """Seconds from the run's start to its end, or to the last thing recorded."""
        ended = self.meta("ended")
        if ended:
            return float(ended["t_s"])
        return max(0.0, self._last_sign_unix_s() - self.started_unix_s)

    @property
    def left_s(self) -> float:
        """Seconds until all that is planned was held, about; inf: until it is stopped."""
        outlook = self.meta("outlook")
        if self.meta("ended") is not None:
            return 0.0
        passed_s = self.duration_s
        if outlook:
            return float(max(1.0, outlook["at_s"] + outlook["left_s"] - passed_s))
        return max(0.0, self.plan.duration_s - passed_s)

    @property
    def verdict(self) -> dict[str, Any] | None:
        """diagnosis.Verdict as a dict; None while there is none."""
        found = self.meta("verdict")
        return Told(found) if found else None

    @property
    def capacity(self) -> Result | None:
        """What the search for the capacity came to; None: there was none, or it goes on."""
        from arangolab.search import Result

        found = self.meta("capacity")
        return Result(**found) if found else None

    @property
    def endurance(self) -> dict[str, Any] | None:
        """endurance.Endurance as a dict; None: it was no endurance run, or it goes on."""
        found = self.meta("endurance")
        return Told(found) if found else None

    @property
    def status(self) -> str:
        """running, completed, stopped, failed, or died (its runner was killed)."""
        ended = self.meta("ended")
        if ended:
            return str(ended["status"])
        return "running" if self._runner_lives() else "died"

    @property
    def ending(self) -> str:
        """How the run ended, in a sentence."""
        ended = self.meta("ended")
        if ended:
            return str(ended["sentence"])
        if self._runner_lives():
            return f"The run goes on, since {units.seconds(self.duration_s)}."
        return (
            f"The run's process died without a word; it was last heard of after "
            f"{units.seconds(self.duration_s)}. What was recorded until then is intact."
        )

    def _last_sign_unix_s(self) -> float:
        return float(self.meta("heartbeat_unix_s", self.started_unix_s))

    def _runner_lives(self) -> bool:
        runner: Mapping[str, Any] = self.meta("runner", {})
        if runner.get("host") != socket.gethostname():
            return time.time() - self._last_sign_unix_s() < SILENT_S
        return process_start(int(runner["pid"])) == str(runner["process_start"])


def process_start(pid: int) -> str | None:
    """What tells this process from a later one of the same number; None when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]
