"""The reference statsd server (npm package statsd), run for one interval.

    python -m tests.metrics.statsd.reference > tests/metrics/statsd/vectors.json

records what it makes of the lines below.  It is looked for in ``ARANGOLAB_STATSD`` (the folder of
the package) and where npm keeps global packages.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path
from typing import Any

AT_ONCE = 50
"""Packets that any buffer has room for."""
BACKEND = """
const fs = require('fs');
exports.init = function (startup, config, events) {
  events.on('packet', function (message) {
    if (message.toString().startsWith('the.mark')) console.log(message.toString());
    if (message.toString() === 'the.end:1|c') setImmediate(() => process.exit(0));
  });
  events.on('flush', function (when, metrics) {
    const sets = {};
    for (const key in metrics.sets) sets[key] = metrics.sets[key].size();
    fs.writeSync(1, JSON.stringify({
      counters: metrics.counters, gauges: metrics.gauges, timers: metrics.timer_data, sets: sets,
    }) + '\\n');
  });
  return true;
};
"""
LINES = {
    "counters": ["c:3|c", "c:2.5|c|@0.5", "c:-1|c", "d:1|c|@0.1"],
    "several values a line": ["multi:1|c:2|c:3|c", "mix:4|ms:6|ms|@0.5:1|c"],
    "gauges": ["g:10|g", "g:+5|g", "g:-3|g", "h:-7|g", "i:4|g", "i:1.5|g"],
    "sets": ["s:a|s", "s:b|s", "s:a|s"],
    "timers": [f"t:{n}|ms" for n in range(1, 101)],
    "three values": ["t:30|ms", "t:10|ms", "t:20|ms"],
    "sampled timers": ["t:5|ms|@0.25", "t:7|ms", "t:6.125|ms|@0.5"],
    "keys": ["a b:1|c", "a/b:1|c", "a$%b:1|c", "a\tb:1|c"],
    "tags": ["tag:1|c|#a:b,c:d", "tag:2|c|#a:b,c:d"],
    "bad lines": [
        "nothing",
        "x:1",
        "x:one|c",
        "x:1|c|0.5",
        "x:1|c|@-1",
        "n:-5|ms",
        "x:|c",
        "ok:1|c",
    ],
    "several lines a packet": ["p:1|c\np:2|c\n\nq:4|ms\n"],
}


@cache
def package() -> str:
    """The folder of the npm package; "" where there is none, or no node."""
    if shutil.which("node") is None:
        return ""
    places = [os.environ.get("ARANGOLAB_STATSD", "")]
    if shutil.which("npm"):
        done = subprocess.run(["npm", "root", "-g"], capture_output=True, text=True, check=False)
        places.append(f"{done.stdout.strip()}/statsd")
    return next((p for p in places if p and (Path(p) / "stats.js").is_file()), "")


class Reference:
    """A server that listens until :meth:`interval` has its figures."""

    def __init__(self, folder: Path, percentiles: tuple[int, ...] = (50, 95, 99)) -> None:
        """``folder``: for its configuration."""
        (folder / "backend.js").write_text(BACKEND)
        self.port, admin = _free_port(socket.SOCK_DGRAM), _free_port(socket.SOCK_STREAM)
        config = {
            "address": "127.0.0.1", "port": self.port, "mgmt_address": "127.0.0.1",
            "mgmt_port": admin, "flushInterval": 1_000_000, "percentThreshold": percentiles,
            "backends": [str(folder / "backend.js")],
        }  # fmt: skip
        (folder / "config.js").write_text(json.dumps(config))
        self.process = subprocess.Popen(
            ["node", f"{package()}/stats.js", str(folder / "config.js")],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        self._told = self.process.stdout
        self._out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._marks = 0
        self.send()

    def send(self, *packets: str) -> None:
        """Send packets, as many at a time as fit its buffer, and wait until it has them."""
        for first in range(0, max(1, len(packets)), AT_ONCE):
            for packet in packets[first : first + AT_ONCE]:
                self._out.sendto(packet.encode(), ("127.0.0.1", self.port))
            self._await_mark()

    def _await_mark(self) -> None:
        """Knock until it answers: it opens its socket some time after its start."""
        self._marks += 1
        mark, answered = f"the.mark.{self._marks}:1|c", threading.Event()

        def knock() -> None:
            for _ in range(200):
                self._out.sendto(mark.encode(), ("127.0.0.1", self.port))
                if answered.wait(0.05):
                    return
            self.process.kill()

        knocking = threading.Thread(target=knock)
        knocking.start()
        while (line := self._told.readline()) and line.strip() != mark:
            pass
        answered.set()
        knocking.join()
        assert line, "the reference server does not answer"

    def interval(self) -> dict[str, Any]:
        """What came, as it tells it at its end; ends it."""
        self._out.sendto(b"the.end:1|c", ("127.0.0.1", self.port))
        told = self._told.read()
        self.process.wait(10)
        found: dict[str, Any] = json.loads(told.splitlines()[-1])
        counters = found["counters"]
        found["counters"] = {k: v for k, v in counters.items() if not k.startswith("the.")}
        return found

    def close(self) -> None:
        """End it, if it has not."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        self._told.close()
        self._out.close()


def _free_port(kind: int) -> int:
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def main() -> None:
    """Record the vectors."""
    vectors = {}
    for name, packets in LINES.items():
        with tempfile.TemporaryDirectory() as folder:
            server = Reference(Path(folder))
            server.send(*packets)
            vectors[name] = {"packets": packets, "told": server.interval()}
            server.close()
    json.dump(vectors, sys.stdout, indent=1, sort_keys=True)
    print()


if __name__ == "__main__":
    main()
