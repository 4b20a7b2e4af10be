"""What went over the wire since the process started, and how the requests of late fared."""

from __future__ import annotations

from arangolab.injector.series import Series

MOST_KINDS = 100
"""Kinds of reply told apart; later ones count as OTHER."""
OTHER = "other"


class Traffic:
    """Counts of one injector process."""

    __slots__ = ("_replies", "bytes_received", "bytes_sent", "open", "opened", "requests", "times")

    def __init__(self) -> None:
        self.requests = 0
        self.opened = 0
        """Connections opened."""
        self.open = 0
        """Connections open now."""
        self.bytes_sent = 0
        self.bytes_received = 0
        """Bodies and headers, as far as the transport sees them, without TLS and TCP."""
        self.times = Series()
        """How long each request took, from its first byte out to its last byte in."""
        self._replies: dict[str, int] = {}

    def reply(self, kind: str, duration_s: float) -> None:
        """A request ended; ``kind``: method and status, ``/errorNum`` where there is one."""
        self.times.add(duration_s)
        if kind not in self._replies and len(self._replies) >= MOST_KINDS:
            kind = OTHER
        self._replies[kind] = self._replies.get(kind, 0) + 1

    def take_replies(self) -> dict[str, int]:
        """Requests by kind since the last time."""
        taken, self._replies = self._replies, {}
        return taken
