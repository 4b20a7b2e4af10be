"""statsd lines, batched into packets and counted."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterable
from typing import Final

from statsd import StatsClient

from arangolab.errors import InputError
from arangolab.injector.relay import PACKET_BYTES, Further, Relay

FLUSH_S: Final = 0.1
LEVEL_EVERY_S: Final = 1.0
_BAD: Final = re.compile(r"[^A-Za-z0-9_.-]+")


class StatsdOut(StatsClient):  # type: ignore[misc]
    """The statsd package's client, whose lines wait for :meth:`flush` or a full packet.

    ``clients.wN`` and ``conn.wN`` are absolute gauges (a level must survive a lost packet and a
    restarted receiver), sent on change and each second; ``errors`` and ``conn_opened`` are
    counters; ``processes`` is how many injectors share the load, as each of them knows it;
    durations are milliseconds.  Port 0: nothing is sent.
    """

    def __init__(self, host: str, port: int, worker: int, further: Iterable[Further] = ()) -> None:
        """``further``: servers that get the same lines; raises InputError for an odd host."""
        self._relays = [Relay(to) for to in further]
        try:
            super().__init__(host, port, maxudpsize=PACKET_BYTES, ipv6=":" in host)
        except OSError as error:
            raise InputError(
                f"The statsd host {host!r} cannot be resolved ({error}).", hint="127.0.0.1"
            ) from error
        self.lines = 0
        """Lines sent, or refused by the host: none is unaccounted for."""
        self.packets = 0
        self.clients = 0
        """Scenarios in flight, kept up by the engine."""
        self.errors = 0
        """Errors since the last flush, kept up by the engine."""
        self.processes = 0
        """Injector processes that share the load, kept up by the engine; 0: not known."""
        self._worker = worker
        self._batch: list[str] = []
        self._size = 0
        self._clients_sent = -1
        self._processes_sent = 0
        self._levels_due_s = 0.0
        self._opened = 0
        self._enabled = port > 0

    def start(self) -> None:
        """Send the counters' zero, so that their first rise shows as a rate."""
        self.incr("errors", 0)
        self.incr("conn_opened", 0)
        self.flush(0, 0)

    def flush(self, connections_open: int, connections_opened: int) -> None:
        """Send what waits, with the levels that changed or were not sent for a second.

        ``connections_opened`` is the total since the process started.
        """
        if not self._enabled:
            self._batch.clear()
            return
        if self.errors:
            self.incr("errors", self.errors)
            self.errors = 0
        now = time.monotonic()
        due = now >= self._levels_due_s
        if due or self.clients != self._clients_sent:
            self.gauge(f"clients.w{self._worker}", self.clients)
            self._clients_sent = self.clients
        if self.processes and (due or self.processes != self._processes_sent):
            self.gauge("processes", self.processes)
            self._processes_sent = self.processes
        if due:
            self.gauge(f"conn.w{self._worker}", connections_open)
            self.incr("conn_opened", connections_opened - self._opened)
            self._opened = connections_opened
            self._levels_due_s = now + LEVEL_EVERY_S
        self._emit()

    def losses(self) -> dict[str, int]:
        """Lines that could not be sent to further servers, by HOST:PORT, where there are any."""
        return {relay.where: relay.lost for relay in self._relays if relay.lost}

    def timing(self, stat: str, delta: float) -> None:
        """A duration in milliseconds, sent to a microsecond (the package's way costs thrice)."""
        self._after(f"{stat}:{delta:.3f}|ms")

    def _after(self, data: str | None) -> None:
        if not data:
            return
        size = len(data) + 1
        if self._size + size > PACKET_BYTES:
            self._emit()
        self._batch.append(data)
        self._size += size

    def _emit(self) -> None:
        if not self._batch:
            return
        for relay in self._relays:
            relay.send(self._batch)
        packet = "\n".join(self._batch).encode("ascii", "replace")
        lines = len(self._batch)
        self._batch.clear()
        self._size = 0
        if not self._enabled:
            return
        self.lines += lines  # what the host refuses to send counts too, and so shows as lost
        self.packets += 1
        with contextlib.suppress(OSError):
            self._sock.sendto(packet, self._addr)


def metric_name(*parts: str) -> str:
    """The parts as one statsd name, without what its grammar reserves."""
    return ".".join(_BAD.sub("_", part) for part in parts)
