"""Which scenario a start plays: one alone, or those of a mix in the proportion of their weights."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from arangolab.injector.session import Role


class Cast:
    """The roles of a run.

    The starts of a mix are dealt in rounds as long as the sum of the weights; each round holds
    every scenario as often as its weight says, shuffled by the seed and the round's number.  So
    the proportion is exact, and depends on no process.
    """

    def __init__(self, roles: Sequence[Role], weights: Sequence[int], seed: int) -> None:
        self._deck = [
            role for role, weight in zip(roles, weights, strict=True) for _ in range(weight)
        ]
        self._alone = roles[0] if len(roles) == 1 else None
        self._seed = seed
        self._round = -1
        self._dealt: list[Role] = []

    def role(self, number: int) -> Role:
        """The role of a start."""
        if self._alone is not None:
            return self._alone
        turn, place = divmod(number, len(self._deck))
        if turn != self._round:
            self._round = turn
            self._dealt = self._deck[:]
            Random(f"{self._seed}/mix/{turn}").shuffle(self._dealt)  # noqa: S311
        return self._dealt[place]
