"""What a collectd on another host sends by its network plugin."""

from __future__ import annotations

import socket
from typing import Final

from arangolab.metrics.collectd.listener import NetworkListener
from arangolab.metrics.collectd.typesdb import Types
from arangolab.metrics.collectd.values import Reading, Translator
from arangolab.metrics.collectd.watched import Watched
from arangolab.metrics.note import Note
from arangolab.metrics.quality import Quality
from arangolab.metrics.sample import Sample
from arangolab.runner.wall import WallClock

CLOCKS_DIFFER_S: Final = 2.0
"""A host's clock is taken to be wrong when its packets come so much later, or earlier, than they
say.  collectd sends a packet at the latest when it is full, so that its newest value is fresh."""


class PacketSource:
    """Each host's values, placed by its clock; where that is wrong, by when they come."""

    def __init__(
        self, types: Types, address: tuple[str, int], interval_s: float,
        watched: Watched | None = None,
    ) -> None:  # fmt: skip
        """``watched``: tells the server's process; raises RunError when the port is taken."""
        self._watched = Watched() if watched is None else watched
        self._listener = NetworkListener(types, *address)
        self._interval_s = interval_s
        self._address = address
        self._received: dict[str, int] = {}
        self._said: set[str] = set()

    def start(self, wall: WallClock) -> None:
        """The run's time begins."""
        self._wall = wall
        self._translator = Translator(
            wall.started_unix_s, self._interval_s, here=socket.gethostname()
        )

    def sample(self) -> tuple[list[Sample], list[Note]]:
        """(what has come since the last call, what is to be said)."""
        return self._take(last=False)

    def _take(self, *, last: bool) -> tuple[list[Sample], list[Note]]:
        readings = self._listener.take()
        notes = self._look_at_clocks(readings)
        self._translator.started_unix_s = self._wall.started_unix_s
        readings = self._watched.take(readings, self._wall.passed_s(), last=last)
        self._translator.server_host = self._watched.host
        notes += self._watched.notes()
        found = [one for one in self._translator.samples(readings) if one.time_s >= 0]
        for one in found:
            self._received[one.host] = self._received.get(one.host, 0) + 1
        for word in sorted(self._listener.refused):
            text = f"collectd's {word} packets are refused: their secret is not known here."
            notes += self._once("warning", text)
        return found, notes

    def finish(self) -> tuple[list[Sample], list[Note]]:
        """The rest; and whether anything came at all."""
        samples, notes = self._take(last=True)
        if not self._received and not self._listener.refused:
            host, port = self._address
            text = f"No collectd sent anything to {host}:{port}; arangolab doctor "
            text += f"--collectd-listen {host}:{port} prints what to add to its configuration."
            notes += self._once("left_out", text)
        return samples, notes

    def quality(self) -> list[Quality]:
        """How far the values can be trusted, host by host; packets lost are nobody's."""
        lost = self._listener.bad + self._listener.drops + self._listener.overflow
        rows = sorted(self._received.items()) or [("", 0)]
        return [
            Quality(
                source="collectd",
                host=host,
                what="values from packets",
                clock=self._clock(host),
                resolution="times 1 ns as sent; CPU 10 ms; timings 1 ms",
                delay_s=self._delay_s(host),
                received=received,
                lost=lost if n == 0 else 0,
                cpu_s=self._listener.cpu_s if n == 0 else 0.0,
            )
            for n, (host, received) in enumerate(rows)
        ]

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()

    def _clock(self, host: str) -> str:
        ahead_s = self._translator.ahead_s.get(host, 0.0)
        if not ahead_s:
            return "that host's wall clock"
        return f"that host's wall clock, put right by {-ahead_s:.1f} s"

    def _look_at_clocks(self, readings: list[Reading]) -> list[Note]:
        """Settle, at a host's first packets, whether its clock can be believed."""
        notes: list[Note] = []
        for host in {one.identifier.host for one in readings} - set(self._translator.ahead_s):
            delay_s = self._listener.delay_s(host) or 0.0
            self._watched.heard_from(host, self._listener.address(host))
            wrong = abs(delay_s) > CLOCKS_DIFFER_S
            self._translator.ahead_s[host] = -delay_s if wrong else 0.0
            if wrong:
                way = "ahead of" if delay_s < 0 else "behind"
                text = f"The clock of {host} is {abs(delay_s):.1f} s {way} this host's: "
                notes += self._once("warning", text + "its values are placed as they come.")
        return notes

    def _delay_s(self, host: str) -> float | None:
        """From its stamp, put right, to its arrival, and on to the next look at what came."""
        name = host or socket.gethostname()
        told_s = self._listener.delay_s(name)
        return None if told_s is None else told_s + self._translator.ahead_s.get(name, 0.0)

    def _once(self, kind: str, text: str) -> list[Note]:
        if text in self._said:
            return []
        self._said.add(text)
        return [(kind, text)]
