"""What went over the wire since the process started, and how the requests of late fared."""

from __future__ import annotations

from typing import Any

from arangolab.injector.series import Series

MOST_KINDS = 100
"""Kinds of reply told apart; later ones count as OTHER."""
OTHER = "other"


class Traffic:
    """Counts of one injector process."""

    __slots__ = (
        "_replies",
        "bytes_received",
        "bytes_sent",
        "open",
        "opened",
        "queue_times",
        "requests",
        "times",
    )

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
        self.queue_times = Series()
        """What the server told of its queue with each reply."""
        self._replies: dict[str, int] = {}

    def reply(self, kind: str, duration_s: float) -> None:
        """A request ended; ``kind``: method and status, ``/errorNum`` where there is one."""
        self.times.add(duration_s)
        if kind not in self._replies and len(self._replies) >= MOST_KINDS:
            kind = OTHER
        self._replies[kind] = self._replies.get(kind, 0) + 1

    def queued(self, told: Any) -> None:
        """Seconds, as a reply tells them in text; what is not a number is passed over."""
        if told is None:
            return
        try:
            self.queue_times.add(max(0.0, float(told)))
        except (TypeError, ValueError):
            return

    def fold(self, at_least: int) -> None:
        """Count what has come together."""
        self.times.fold(at_least)
        self.queue_times.fold(at_least)

    def take_replies(self) -> dict[str, int]:
        """Requests by kind since the last time."""
        taken, self._replies = self._replies, {}
        return taken
