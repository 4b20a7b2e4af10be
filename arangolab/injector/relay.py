"""Sends the statsd lines to further servers, under names and in units that suit them."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from arangolab.errors import InputError

PACKET_BYTES: Final = 1432
"""Fits an Ethernet frame with IPv6 and UDP headers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    """A further statsd server."""

    host: str
    port: int
    prefix: str = ""
    """What the names begin with."""
    microseconds: bool = False
    """Timings as whole microseconds under ``|ms``, names ending in ``_us``: for collectd, which
    cuts them to whole numbers and drops zeros (which become 1)."""


class Relay:
    """One further server; what it does not get is its loss, not the run's, and is counted."""

    def __init__(self, to: Further) -> None:
        """Raise InputError when the host cannot be resolved."""
        self._to = to
        self.lost = 0
        """Lines that could not be sent; what is lost on the way nobody knows."""
        try:
            found = socket.getaddrinfo(to.host, to.port, type=socket.SOCK_DGRAM)
        except OSError as error:
            raise InputError(
                f"The statsd host {to.host!r} cannot be resolved ({error}).",
                hint="--statsd 127.0.0.1:8125",
            ) from error
        family, kind, protocol, _, address = found[0]
        self._address: Any = address
        self._socket = socket.socket(family, kind, protocol)
        self._socket.setblocking(False)

    @property
    def where(self) -> str:
        """The server's HOST:PORT."""
        return f"{self._to.host}:{self._to.port}"

    def send(self, lines: Iterable[str]) -> None:
        """Send the lines, in as few packets as they fit in."""
        for packet in packets(self.told(line) for line in lines):
            try:
                self._socket.sendto(packet, self._address)
            except OSError:
                self.lost += packet.count(b"\n") + 1

    def told(self, line: str) -> str:
        """The line as this server is to get it."""
        if self._to.microseconds and line.endswith("|ms"):
            name, _, value = line[:-3].partition(":")
            line = f"{name}_us:{max(1.0, float(value) * 1e3):.0f}|ms"
        return self._to.prefix + line


def packets(lines: Iterable[str]) -> Iterator[bytes]:
    """The lines in packets of PACKET_BYTES at most."""
    waiting: list[str] = []
    size = 0
    for line in lines:
        if waiting and size + len(line) + 1 > PACKET_BYTES:
            yield "\n".join(waiting).encode("ascii", "replace")
            waiting, size = [], 0
        waiting.append(line)
        size += len(line) + 1
    if waiting:
        yield "\n".join(waiting).encode("ascii", "replace")
