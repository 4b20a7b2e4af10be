"""Which of the processes that a collectd elsewhere watches is the server under test.

The host: the one that calls itself as the target's URL does, with its domain or else without; else
one whose packets come from the target's address; else, which is said, the first that watches
something that could be the server.  The process on
it: the one that its processes plugin calls ``server`` (as ``arangolab doctor`` prints it), else the
only one there is, else ``arangod``.  Settled once and for the whole run, so that no series of the
server mixes two processes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from arangolab.metrics.collectd.config import MATCH
from arangolab.metrics.collectd.values import Reading
from arangolab.metrics.note import Note

HOLD_S: Final = 12.0
"""Values of processes wait so long at most for the server's host to be heard: collectd sends each
10 s unless it is told otherwise."""
USUAL: Final = "arangod"
UNKNOWN: Final = 3
"""Nothing tells that a host is the server's."""


@dataclass(frozen=True, slots=True)
class ServerHost:
    """What the target tells of the server's host."""

    name: str = ""
    """As it calls itself, or as the target's URL calls it."""
    addresses: frozenset[str] = frozenset()
    """Its IP addresses, as this host knows them."""

    def rank(self, host: str, address: str) -> int:
        """How likely a host of that name and address is not it: 0 to UNKNOWN."""
        if host.lower() == self.name.lower():
            return 0
        if _short(host) == _short(self.name):
            return 1
        return UNKNOWN - 1 if address in self.addresses else UNKNOWN


@dataclass(slots=True)
class Watched:
    """Settles it out of the readings, which pass through."""

    of: ServerHost = field(default_factory=ServerHost)
    host: str | None = None
    """The server's, as its collectd calls it; "": none of them; None: not settled."""
    _instance: str = ""
    _held: list[Reading] = field(default_factory=list)
    _since_s: float | None = None
    _instances: dict[str, set[str]] = field(default_factory=dict)
    """What each host watches, in the order in which they are heard."""
    _addresses: dict[str, str] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)
    _notes: list[Note] = field(default_factory=list)

    def heard_from(self, host: str, address: str | None) -> None:
        """Where that host's packets come from."""
        if address is not None:
            self._addresses[host] = address

    def take(
        self, readings: Sequence[Reading], now_s: float, *, last: bool = False
    ) -> list[Reading]:
        """The readings without those of other processes on the server's host.

        Those of processes wait until it is settled whose they are, with ``last`` no longer.
        """
        passed = [one for one in readings if not _is_of_process(one)]
        for one in readings:
            if _is_of_process(one):
                self._held.append(one)
                known = self._instances.setdefault(one.identifier.host, set())
                known.add(one.identifier.plugin_instance)
        if self._held and self._since_s is None:
            self._since_s = now_s
        if self.host is None and self._held:
            overdue = last or now_s - (self._since_s or 0.0) >= HOLD_S
            self._settle(overdue=overdue)
        if self.host is None:
            return passed
        held, self._held = self._held, []
        return passed + [one for one in held if self._is_kept(one)]

    def notes(self) -> list[Note]:
        """What is to be said since the last call."""
        notes, self._notes = self._notes, []
        return notes

    def _settle(self, *, overdue: bool) -> None:
        ranked = sorted(self._instances, key=self._rank)  # stable: the first that was heard
        for host in ranked:
            instance = _server_of(self._instances[host])
            certain = self._rank(host) == 0 and MATCH in self._instances[host]
            if instance is not None and (overdue or certain):
                self.host, self._instance = host, instance
                return self._say(host)
        if overdue:
            self.host = ""
            names = sorted({name for names in self._instances.values() for name in names})
            text = f"collectd watches {', '.join(names)}: none of them is called {MATCH} or {USUAL}"
            self._notes.append(("left_out", f"{text}, the server's process is left out."))
        return None

    def _rank(self, host: str) -> int:
        return self.of.rank(host, self._addresses.get(host, ""))

    def _say(self, host: str) -> None:
        if self._rank(host) == UNKNOWN:
            text = f"collectd's host {host} is taken for the server's, whose name or address is "
            kind = "warning" if len(self._instances) > 1 else "note"
            self._notes.append((kind, f"{text}another."))
        elif len(self._instances) > 1:
            self._notes.append(("note", f"collectd of {host} tells of the server's process."))

    def _is_kept(self, one: Reading) -> bool:
        """Other hosts' processes are kept, under names of their own."""
        name = one.identifier.plugin_instance
        if one.identifier.host != self.host or name == self._instance:
            return True
        others = self._instances[one.identifier.host] - {self._instance} - self._told
        if others:
            self._told |= others
            text = f"collectd watches also {', '.join(sorted(others))}: left out."
            self._notes.append(("left_out", text))
        return False


def _short(host: str) -> str:
    return host if host.replace(".", "").isdigit() else host.lower().partition(".")[0]


def _is_of_process(one: Reading) -> bool:
    return one.identifier.plugin == "processes" and one.identifier.plugin_instance != ""


def _server_of(instances: Iterable[str]) -> str | None:
    names = sorted(instances)
    if MATCH in names or len(names) == 1:
        return MATCH if MATCH in names else names[0]
    return USUAL if USUAL in names else None
