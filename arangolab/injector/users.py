"""Which user a scenario simulates, and who is simulated twice at once."""

from __future__ import annotations


class Users:
    """Goes round this injector's range; knows who is in flight."""

    def __init__(self) -> None:
        self._turn = 0
        self._in_flight: dict[int, int] = {}
        self._contested: set[int] = set()

    def next(self, first: int, last: int) -> int:
        """The user of the next scenario, out of ``first..last``, both included."""
        user = first + self._turn % (last - first + 1)
        self._turn += 1
        return user

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
