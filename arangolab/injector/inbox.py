"""The runner's messages, from the thread that reads them to the greenlet that obeys them."""

from __future__ import annotations

import gevent
from gevent.event import Event

from arangolab.injector.protocol import Message, decode
from arangolab.injector.watch import Watch


class Inbox:
    """Messages in the order in which they came."""

    def __init__(self, watch: Watch) -> None:
        self._lines = watch.lines
        self._came = Event()
        self._watcher = gevent.get_hub().loop.async_()
        self._watcher.start(self._came.set)
        watch.notify = self._watcher.send

    def get(self) -> Message:
        """Wait for the next message; raises ValueError when a line is none."""
        while not self._lines:
            self._came.clear()
            if not self._lines:
                self._came.wait()
        return decode(self._lines.popleft())
