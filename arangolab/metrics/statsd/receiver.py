"""The embedded statsd server: a UDP socket and a plain thread that does nothing else."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from pathlib import Path
from typing import Final

from arangolab.errors import RunError
from arangolab.measuring import PERCENTILES
from arangolab.metrics.sample import Sample
from arangolab.metrics.statsd.aggregate import Aggregate
from arangolab.metrics.statsd.lines import parse, plain

BUFFER_BYTES: Final = 4 << 20
"""Asked for; Linux gives what net.core.rmem_max allows (and books twice of it)."""
_SMALL_PACKET_BYTES: Final = 832
"""What the kernel books for a packet of one line, its own structures included."""
_SO_RCVBUFFORCE: Final = 33
_SO_MEMINFO: Final = 55
_MEMINFO: Final = struct.Struct("9I")
_DROPS: Final = 8
_PACKET_BYTES: Final = 65536
PACKETS_AT_ONCE: Final = 64
"""Packets taken from the buffer before they are booked."""


def enlarge(sock: socket.socket) -> None:
    """Ask for BUFFER_BYTES of receive buffer, beyond rmem_max where this process may."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, BUFFER_BYTES)


def kernel_drops(sock: socket.socket) -> int | None:
    """Packets the kernel dropped because the socket's buffer was full; None: it does not tell."""
    try:
        raw = sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size)
        return int(_MEMINFO.unpack(raw)[_DROPS])
    except (OSError, struct.error):
        return None


def port_drops(port: int) -> int:
    """The same of whatever socket has that UDP port (of IPv4); 0 where it cannot be told."""
    try:
        lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    except OSError:
        return 0
    rows = (line.split() for line in lines)
    return sum(int(row[-1]) for row in rows if int(row[1].rpartition(":")[2], 16) == port)


class StatsdReceiver:
    """Listens on ``host:port`` (0: any free port) until closed."""

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, percentiles: tuple[float, ...] = PERCENTILES
    ) -> None:
        """Raise RunError when the port is taken."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        enlarge(self._socket)
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
        self.first_bad = ""
        """The first line that could not be understood, cut to a readable length."""
        self._aggregate = Aggregate(percentiles)
        self._lock = threading.Lock()
        self._drops: int | None = 0
        self._cpu_s = 0.0
        self._flushed_s = 0.0
        self._flushed: dict[str, int] = {}
        self._thread = threading.Thread(target=self._receive, name="statsd", daemon=True)
        self._thread.start()

    @property
    def drops(self) -> int | None:
        """Packets the kernel dropped because the buffer was full; None where it does not tell."""
        if self._socket.fileno() >= 0:
            self._drops = kernel_drops(self._socket)
        return self._drops

    @property
    def listens(self) -> bool:
        """Whether its thread takes in what comes."""
        return self._thread.is_alive()

    @property
    def cpu_s(self) -> float:
        """CPU time of the receiving thread."""
        with contextlib.suppress(OSError, ValueError, TypeError):
            if self._thread.is_alive() and self._thread.ident is not None:
                clock = time.pthread_getcpuclockid(self._thread.ident)
                self._cpu_s = time.clock_gettime(clock)
        return self._cpu_s

    @property
    def buffer_note(self) -> str:
        """What is to be said of a buffer that is smaller than was asked for; "" when it is not."""
        if self.buffer_bytes >= BUFFER_BYTES:
            return ""
        return (
            f"The statsd socket's buffer is {self.buffer_bytes:,} bytes, for about "
            f"{self.buffer_bytes // _SMALL_PACKET_BYTES:,} packets: bursts may be lost (they are "
            f"counted). Try: sysctl -w net.core.rmem_max={BUFFER_BYTES}"
        )

    def flush(self, time_s: float) -> list[Sample]:
        """The samples since the last flush, stamped ``time_s`` (seconds since the run's start)."""
        interval_s = max(1e-3, time_s - self._flushed_s)
        self._flushed_s = time_s
        with self._lock:
            samples = self._aggregate.flush(time_s, interval_s)
            now = self._counts()
        for name, value in now.items():
            unit = _UNITS[name]
            grown = float(value - self._flushed.get(name, 0))
            samples.append(Sample(time_s, "statsd", f"receiver.{name}", grown, unit))
        self._flushed = now
        return samples

    def close(self) -> None:
        """Stop listening."""
        _ = self.cpu_s, self.drops  # for those who ask later
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RD)
        self._socket.close()
        self._thread.join(1.0)

    def _counts(self) -> dict[str, int]:
        """All that is counted since the start."""
        drops = self.drops
        found = {"lines": self.lines, "bad_lines": self.bad_lines}
        found["not_taken"] = self._aggregate.not_taken
        return found if drops is None else found | {"drops": drops}

    def _receive(self) -> None:
        open_still = True
        while open_still:
            packets, open_still = self._take_packets()
            with self._lock:
                for packet in packets:
                    found = plain(packet)
                    if found is None:
                        self._take_in(packet)
                    else:
                        self.lines += len(found)
                        self._aggregate.add_plain(found)

    def _take_in(self, packet: bytes) -> None:
        """A packet that asks for care."""
        metrics, lines, bad = parse(packet)
        self.lines += lines
        self.bad_lines += bad
        self._aggregate.add(metrics)
        if bad and not self.first_bad:
            self.first_bad = _first_bad(packet)

    def _take_packets(self) -> tuple[list[bytes], bool]:
        """(what has come, some at once to save time, whether the socket is open still)."""
        packets: list[bytes] = []
        try:
            packets.append(self._socket.recv(_PACKET_BYTES))
            while len(packets) < PACKETS_AT_ONCE:
                packets.append(self._socket.recv(_PACKET_BYTES, socket.MSG_DONTWAIT))
        except BlockingIOError:
            return packets, True
        except OSError:
            return packets, False
        return packets, self._socket.fileno() >= 0


def _first_bad(packet: bytes) -> str:
    bad = next(line for line in packet.split(b"\n") if line and parse(line)[2])
    text = repr(bad.decode("utf-8", "replace"))
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 4]}...'"


_SHOWN: Final = 80
_UNITS: Final = {
    "lines": "lines",
    "bad_lines": "lines",
    "drops": "packets",
    "not_taken": "values",
}
