"""Debian's collectd as a child of the runner, without privileges; it ends with the runner."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Final

from arangolab.errors import RunError
from arangolab.measuring import PERCENTILES
from arangolab.metrics.collectd.config import PLUGIN_DIR, TYPES_DB, Config, command_match
from arangolab.metrics.statsd.receiver import port_drops

LISTENS_WITHIN_S: Final = 10.0
ENDS_WITHIN_S: Final = 5.0
_BINARIES: Final = ("collectd", "/usr/sbin/collectd", "/usr/local/sbin/collectd")
_TROUBLE: Final = re.compile(r"\[(?:error|err)\]|failed|[Uu]nable|[Cc]ould not")
_NEEDED: Final = ("logfile", "statsd", "processes", "csv")
"""Its plugins that a run uses."""
LISTENS_SOON_S: Final = 1.0
"""After a complaint: it may be about something else, and statsd listen all the same."""
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


class CollectdChild:
    """A collectd that listens for statsd lines and watches the server's process."""

    def __init__(
        self, folder: Path, *, server_pid: int | None, interval_s: float,
        percentiles: tuple[float, ...] = PERCENTILES,
    ) -> None:  # fmt: skip
        """Start it in ``folder``, which is made, and wait until it listens.

        Raises RunError when there is no usable collectd; its words are in the message.
        """
        binary = _binary()
        self.config = Config(
            folder=folder.resolve(),
            statsd_port=_free_port(),
            interval_s=interval_s,
            match=_match(server_pid),
            percentiles=percentiles,
        )
        folder.mkdir(parents=True, exist_ok=True)
        self.config.file.write_text(self.config.text(), encoding="utf-8")
        self._log_bytes = 0
        self._told_to_end = False
        self.cpu_s = 0.0
        """CPU time that it has used, as of the last look."""
        self.drops = 0
        """Packets of statsd lines that the kernel dropped, as of the last look: it reads slowly."""
        self.version = _version(binary)
        """As it tells it itself; "?" when it does not."""
        self._startup: list[str] = []
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", binary, "-f", "-C", str(self.config.file)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            self._await_listening()
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise

    @property
    def port(self) -> int:
        """UDP port on which it takes statsd lines."""
        return self.config.statsd_port

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def troubles(self) -> list[str]:
        """What its log says went wrong since the last call."""
        self._look_at_it()
        said, self._startup = [*self._startup, *self._new_lines()], []
        return [_message(line) for line in said if _TROUBLE.search(line)]

    @property
    def died(self) -> bool:
        """Whether it has ended without being told to."""
        return not self.alive and not self._told_to_end

    def close(self, *, at_once: bool = False) -> None:
        """End it, unless ``at_once`` after it has written out the interval that is going on."""
        if self.alive:
            if not at_once:
                time.sleep(1.2 * self.config.interval_s)
            self._look_at_it()
            self._told_to_end = True
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()

    def _await_listening(self) -> None:
        sign = f"Listening on [127.0.0.1]:{self.port}"
        end = time.monotonic() + LISTENS_WITHIN_S
        said: list[str] = []
        while time.monotonic() < end:
            said += self._new_lines()
            if not self.alive:
                said += self._new_lines()
                break
            if any(sign in line for line in said):
                self._startup = said
                return
            if any(_TROUBLE.search(line) for line in said):
                end = min(end, time.monotonic() + LISTENS_SOON_S)
            time.sleep(0.01)
        words = [_message(line) for line in said if _TROUBLE.search(line)] or self._last_words()
        raise RunError(
            f"collectd does not listen for statsd lines ({words[0] if words else 'no word'}).",
            hint=f"its log: {self.config.log}.",
        )

    def _last_words(self) -> list[str]:
        if self.alive or self._process.stderr is None:
            return []
        return self._process.stderr.read().decode("utf-8", "replace").strip().splitlines()

    def _new_lines(self) -> list[str]:
        """Whole lines that the log has got since the last look."""
        try:
            with self.config.log.open("rb") as file:
                file.seek(self._log_bytes)
                text = file.read()
        except OSError:
            return []
        whole = text[: text.rfind(b"\n") + 1]
        self._log_bytes += len(whole)
        return whole.decode("utf-8", "replace").splitlines()

    def _look_at_it(self) -> None:
        self.drops = max(self.drops, port_drops(self.port))
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
            self.cpu_s = (int(stat[11]) + int(stat[12])) / _TICKS_PER_S
        except (OSError, IndexError):
            return


def _binary() -> str:
    binary = next((found for name in _BINARIES if (found := shutil.which(name))), None)
    if binary is None:
        raise RunError(
            "There is no collectd on this host.", hint="apt-get install collectd-core (Debian)."
        )
    missing = [
        str(path)
        for path in (TYPES_DB, *(PLUGIN_DIR / f"{name}.so" for name in _NEEDED))
        if not path.exists()
    ]
    if missing:
        raise RunError(
            f"collectd lacks {missing[0]}.", hint="apt-get install --reinstall collectd-core."
        )
    if shutil.which("setpriv") is None:
        raise RunError(
            "collectd cannot be tied to the run: there is no setpriv.",
            hint="apt-get install util-linux.",
        )
    return binary


def _version(binary: str) -> str:
    """The end of ``collectd -h`` tells it."""
    try:
        done = subprocess.run([binary, "-h"], capture_output=True, text=True, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        return "?"
    found = re.search(r"^collectd (\d+\.\d+[.\d]*)", done.stdout + done.stderr, re.MULTILINE)
    return found[1].rstrip(".") if found else "?"


def _match(pid: int | None) -> str:
    """The server's command line as an expression; "" when it cannot be read."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes() if pid else b""
    except OSError:
        return ""
    return command_match(command) if command.strip(b"\0") else ""


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _message(line: str) -> str:
    """A log line without its time and level."""
    return re.sub(r"^\[[^\]]*\]\s*(\[[a-z]+\]\s*)?", "", line)
