"""Takes what the network plugin of a collectd on another host sends."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import deque
from typing import Final

from arangolab.errors import RunError
from arangolab.metrics.collectd.network import PORT, parse
from arangolab.metrics.collectd.typesdb import Types
from arangolab.metrics.collectd.values import Reading
from arangolab.metrics.statsd.receiver import enlarge, kernel_drops

MOST_READINGS: Final = 200_000
"""Readings kept between two looks; what comes beyond is counted as lost."""
MOST_HOSTS: Final = 1_000
"""Hosts of which the delay is kept."""
_DELAYS_KEPT: Final = 100


class NetworkListener:
    """A UDP socket and a plain thread that does nothing else."""

    def __init__(self, types: Types, host: str = "127.0.0.1", port: int = PORT) -> None:
        """Raise RunError when the port is taken."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        enlarge(self._socket)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            raise RunError(
                f"The port {port} of {host} cannot be opened for collectd ({error.strerror}).",
                hint="another port, in arangolab and in the network plugin of that collectd.",
            ) from error
        self.port: int = self._socket.getsockname()[1]
        self.packets = 0
        self.bad = 0
        """Parts that could not be understood."""
        self.refused: dict[str, int] = {}
        """Packets that were signed or encrypted, by that word."""
        self.overflow = 0
        """Readings given up because nobody took them."""
        self.cpu_s = 0.0
        self._types = types
        self._readings: list[Reading] = []
        self._delays_s: dict[str, deque[float]] = {}
        self._addresses: dict[str, str] = {}
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._receive, name="collectd", daemon=True)
        self._thread.start()

    @property
    def drops(self) -> int:
        """Packets the kernel dropped because the buffer was full; 0 where it does not tell."""
        return kernel_drops(self._socket) or 0

    def delay_s(self, host: str) -> float | None:
        """Median time from the newest stamp in a packet, by the sender's clock, to its arrival."""
        with self._lock:
            delays_s = sorted(self._delays_s.get(host, ()))
        return delays_s[len(delays_s) // 2] if delays_s else None

    def address(self, host: str) -> str | None:
        """Where that host's packets come from."""
        with self._lock:
            return self._addresses.get(host)

    def take(self) -> list[Reading]:
        """What came since the last call."""
        with self._lock:
            taken, self._readings = self._readings, []
        return taken

    def close(self) -> None:
        """Stop listening."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RD)
        self._socket.close()
        self._thread.join(1.0)

    def _receive(self) -> None:
        while True:
            try:
                data, sender = self._socket.recvfrom(65536)
            except OSError:
                return
            if not data and self._socket.fileno() < 0:
                return
            came_unix_s = time.time()
            packet = parse(data, self._types)
            with self._lock:
                self.packets += 1
                self._note_delays(packet.readings, came_unix_s, _plain(sender))
                self.bad += packet.bad
                if packet.refused:
                    self.refused[packet.refused] = self.refused.get(packet.refused, 0) + 1
                room = MOST_READINGS - len(self._readings)
                self._readings += packet.readings[:room]
                self.overflow += max(0, len(packet.readings) - room)
                self.cpu_s = time.thread_time()

    def _note_delays(self, readings: list[Reading], came_unix_s: float, address: str) -> None:
        newest: dict[str, float] = {}
        for one in readings:
            host = one.identifier.host
            newest[host] = max(newest.get(host, 0.0), one.time_unix_s)
        for host, stamp_unix_s in newest.items():
            if host in self._delays_s or len(self._delays_s) < MOST_HOSTS:
                kept = self._delays_s.setdefault(host, deque(maxlen=_DELAYS_KEPT))
                kept.append(came_unix_s - stamp_unix_s)
                self._addresses[host] = address


def _plain(sender: tuple[object, ...] | None) -> str:
    """The address, without what marks an IPv4 one on an IPv6 socket."""
    return str(sender[0]).removeprefix("::ffff:") if sender else ""
