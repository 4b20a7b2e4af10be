"""The closed loop: a fixed number of users, each of whom starts again after thinking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import gevent

_LOOK_EVERY_S: Final = 0.05


class ClosedLoop:
    """Users as the paces say.

    For comparison only: a server that slows down is asked less, so a closed loop neither shows
    how long users would wait nor where a server gives way.
    """

    def __init__(
        self, play: Callable[[], None], now_s: Callable[[], float], think_s: float
    ) -> None:
        """``play`` plays one scenario to its end; ``now_s`` tells seconds since the run's start."""
        self._play = play
        self._now_s = now_s
        self._think_s = think_s
        self._turns: list[tuple[float, int]] = []
        """(from when, how many users), ascending."""
        self._there = 0
        self._closed = False

    def set(self, from_s: float, users: int) -> None:
        """So many users from then on; replaces what was to begin at that time or later."""
        self._turns = [turn for turn in self._turns if turn[0] < from_s]
        self._turns.append((from_s, users))

    def keep(self) -> None:
        """Let users in when there are to be more (they leave by themselves); ends with close."""
        while not self._closed:
            while self._there < self._wanted:
                gevent.spawn(self._user, self._there)
                self._there += 1
            gevent.sleep(_LOOK_EVERY_S)

    def close(self) -> None:
        """Nobody starts again."""
        self._closed = True

    @property
    def _wanted(self) -> int:
        now_s = self._now_s()
        return next((users for from_s, users in reversed(self._turns) if from_s <= now_s), 0)

    def _user(self, number: int) -> None:
        while not self._closed and number < self._wanted:
            self._play()
            gevent.sleep(self._think_s)
        self._there -= 1
