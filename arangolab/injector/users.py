"""Which user a scenario simulates, and who is simulated twice at once."""

from __future__ import annotations

from random import Random

from arangolab.plan import UserOrder


class Users:
    """Goes through this injector's range; knows who is in flight."""

    def __init__(self, order: UserOrder = "cyclic", seed: str = "") -> None:
        self._order = order
        self._random = Random(seed)  # noqa: S311
        self._turn = 0
        self._in_flight: dict[int, int] = {}
        self._contested: set[int] = set()

    def next(self, first: int, last: int) -> int | None:
        """The user of the next scenario, out of ``first..last``, both included.

        None when each was there once and none is to come again.
        """
        if self._order == "random":
            return self._random.randint(first, last)
        turn, size = self._turn, last - first + 1
        if self._order == "once" and turn >= size:
            return None
        self._turn += 1
        return first + turn % size

    def enter(self, user: int) -> bool:
        """The user's scenario begins; whether another of the same user is still in flight."""
        before = self._in_flight.get(user, 0)
        self._in_flight[user] = before + 1
        if before:
            self._contested.add(user)
        return before > 0

    def leave(self, user: int) -> None:
        """The user's scenario ended."""
        left = self._in_flight[user] - 1
        if left:
            self._in_flight[user] = left
        else:
            del self._in_flight[user]
            self._contested.discard(user)

    def is_contested(self, user: int) -> bool:
        """Whether the user was in flight twice since last not in flight at all."""
        return user in self._contested
