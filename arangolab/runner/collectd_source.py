"""collectd in a run: a child, packets of one elsewhere, files of one that runs anyway."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from arangolab.errors import ArangolabError
from arangolab.injector.relay import Further
from arangolab.measuring import Measuring, address_of
from arangolab.metrics.collectd import typesdb
from arangolab.metrics.collectd.watched import ServerHost, Watched
from arangolab.metrics.note import Note
from arangolab.metrics.quality import Quality
from arangolab.metrics.sample import Sample
from arangolab.runner.collectd_child import ChildSource
from arangolab.runner.collectd_files import FilesSource
from arangolab.runner.collectd_packets import PacketSource
from arangolab.runner.wall import WallClock

Part = ChildSource | PacketSource | FilesSource


class CollectdSource:
    """What is asked for and cannot be had is said; the run goes on without it."""

    def __init__(
        self, measuring: Measuring, folder: Path, server_pid: int | None, interval_s: float,
        server_host: ServerHost | None = None,
    ) -> None:  # fmt: skip
        """``folder``: where a child keeps its files, beside the run's."""
        self._notes: list[Note] = []
        self._parts: list[Part] = []
        self._wall: WallClock | None = None
        types = typesdb.load()
        if measuring.collectd:
            self._open(
                "collectd is",
                lambda: ChildSource(measuring, folder, server_pid, interval_s, types),
            )
        watched = Watched(server_host or ServerHost())
        if any(isinstance(part, ChildSource) and part.watches for part in self._parts):
            watched.host = ""  # the child tells of the server's process
        if measuring.collectd_listen:
            address = address_of(measuring.collectd_listen)
            self._open(
                "collectd's packets are", lambda: PacketSource(types, address, interval_s, watched)
            )
        if measuring.collectd_files:
            folder = Path(measuring.collectd_files)
            self._parts.append(FilesSource(types, folder, interval_s, watched))

    @property
    def further(self) -> tuple[Further, ...]:
        """The child's statsd server, if there is one."""
        children = (part for part in self._parts if isinstance(part, ChildSource))
        return tuple(further for child in children for further in child.further)

    def start(self, wall: WallClock) -> None:
        """The run's time begins."""
        self._wall = wall
        for part in self._parts:
            part.start(wall)

    def sample(self) -> tuple[list[Sample], list[Note]]:
        """(samples that have come since the last call, what is to be said)."""
        moved_s = self._wall.look() if self._wall is not None and self._parts else 0.0
        if moved_s:
            text = f"This host's wall clock was set by {moved_s:+.1f} s; collectd's values follow."
            self._notes.append(("warning", text))
        return self._all([part.sample() for part in self._parts])

    def finish(self) -> tuple[list[Sample], list[Note]]:
        """The rest, once the run is over: what the child still writes, and files of another."""
        return self._all([part.finish() for part in self._parts])

    def quality(self) -> list[Quality]:
        """How far its samples can be trusted; [] where there is no collectd."""
        return [row for part in self._parts for row in part.quality()]

    def close(self) -> None:
        """End what was started."""
        for part in self._parts:
            part.close()

    def _open(self, what: str, make: Callable[[], Part]) -> None:
        try:
            self._parts.append(make())
        except ArangolabError as error:
            self._notes.append(("left_out", f"{what} left out. {error}"))

    def _all(self, found: list[tuple[list[Sample], list[Note]]]) -> tuple[list[Sample], list[Note]]:
        notes, self._notes = self._notes, []
        samples = [sample for more, _ in found for sample in more]
        return samples, [*notes, *(note for _, said in found for note in said)]


def server_host(url: str, *, local: bool) -> ServerHost:
    """The server's host by the target's URL; this one where the server is ``local``."""
    name = urlsplit(url).hostname or ""
    try:
        found = frozenset(str(info[4][0]) for info in socket.getaddrinfo(name, None))
    except OSError:
        found = frozenset()
    if local:
        return ServerHost(socket.gethostname(), found | {"127.0.0.1", "::1"})
    return ServerHost(name, found)
