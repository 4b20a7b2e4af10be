"""The embedded statsd server: a UDP socket and a plain thread that does nothing else."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import Final

from arangolab.errors import RunError
from arangolab.measuring import PERCENTILES
from arangolab.metrics.sample import Sample
from arangolab.metrics.statsd import Aggregate, parse

BUFFER_BYTES: Final = 4 << 20
"""Asked for; Linux gives what net.core.rmem_max allows (and books twice of it)."""
_SO_MEMINFO: Final = 55
_MEMINFO: Final = struct.Struct("9I")
_DROPS: Final = 8


def kernel_drops(sock: socket.socket) -> int:
    """Packets the kernel dropped because the socket's buffer was full; 0 where it does not tell."""
    try:
        raw = sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size)
        return int(_MEMINFO.unpack(raw)[_DROPS])
    except (OSError, struct.error):
        return 0


class StatsdReceiver:
    """Listens on ``host:port`` (0: any free port) until closed."""

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, percentiles: tuple[float, ...] = PERCENTILES
    ) -> None:
        """Raise RunError when the port is taken."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            raise RunError(
                f"The statsd port {port} of {host} cannot be opened ({error.strerror}).",
                hint="port 0 takes any free one.",
            ) from error
        self.port: int = self._socket.getsockname()[1]
        self.buffer_bytes: int = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        self.lines = 0
        """Lines received since the start."""
        self.bad_lines = 0
        self._aggregate = Aggregate(percentiles=percentiles)
        self._lock = threading.Lock()
        self._flushed_s: float | None = None
        self._flushed = (0, 0, 0)
        self._thread = threading.Thread(target=self._receive, name="statsd", daemon=True)
        self._thread.start()

    @property
    def drops(self) -> int:
        """Packets the kernel dropped because the buffer was full; 0 where it does not tell."""
        return kernel_drops(self._socket)

    def flush(self, time_s: float) -> list[Sample]:
        """The samples since the last flush, stamped ``time_s`` (seconds since the run's start)."""
        interval_s = max(1e-3, time_s - (self._flushed_s or 0.0))
        self._flushed_s = time_s
        with self._lock:
            samples = self._aggregate.flush(time_s, interval_s)
            now = (self.lines, self.bad_lines, self.drops)
        names = ("receiver.lines", "receiver.bad_lines", "receiver.drops")
        for name, value, before in zip(names, now, self._flushed, strict=True):
            unit = "packets" if name.endswith("drops") else "lines"
            samples.append(Sample(time_s, "statsd", name, float(value - before), unit))
        self._flushed = now
        return samples

    def close(self) -> None:
        """Stop listening."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RD)
        self._socket.close()
        self._thread.join(1.0)

    def _receive(self) -> None:
        while True:
            try:
                packet = self._socket.recv(65536)
            except OSError:
                return
            if not packet and self._socket.fileno() < 0:
                return
            metrics, lines, bad = parse(packet)
            with self._lock:
                self.lines += lines
                self.bad_lines += bad
                for metric in metrics:
                    self._aggregate.add(metric)
