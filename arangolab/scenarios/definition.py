"""What a scenario is: a function of one session, with named steps.

    from arangolab import scenario

    @scenario
    def visit(session):
        with session.step("read"):
            rows = session.db.AQLQuery("RETURN 1", rawResults=True)
        session.check(len(rows) == 1, "no row came back")

A scenario is what one user does once.  arangolab calls the function in a greenlet of its own,
n times a second, each time with a new :class:`Session`.

A class with a method ``run(session)`` will do as well.  Functions ``setup(db)`` and
``teardown(db)`` beside the scenario, or methods of the class, are called once for a run, before
its first start and after its last scenario, in a process of their own: what they leave must be on
the server.  ``@scenario(rows=..., once=True)`` feeds each start a row of its own
(:attr:`Session.row`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from random import Random
from typing import Any, Protocol, TypeVar, overload, runtime_checkable

T = TypeVar("T")
_MARK = "__arangolab_scenario__"


class StreamTransaction(Protocol):
    """A stream transaction that is open."""

    id: str
    """The server's name for it (header x-arango-trx-id)."""

    def query(self, aql: str, bind: dict[str, Any] | None = None) -> list[Any]:
        """Run a query in it; all rows.  Raises what the server says."""

    def writes(self) -> int:
        """Documents that the last query wrote."""


@runtime_checkable
class Session(Protocol):
    """What a scenario is given: one simulated user's session."""

    db: Any
    """pyArango's database, over a transport that pools connections and never retries."""
    user: int
    """Number of the user who is simulated, out of the run's user range."""
    row: Any
    """This start's row of the scenario's data; None without."""
    rng: Random
    """Random numbers that depend on the run's seed and the start's number alone."""

    def step(self, name: str) -> AbstractContextManager[None]:
        """Time what happens inside as the step ``name``; an error in it carries that name."""

    def timing(self, name: str, duration_ms: float) -> None:
        """Send a timing in milliseconds that the scenario itself got (e.g. from a reply)."""

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter."""

    def check(self, condition: object, message: str) -> None:
        """Fail the scenario with ``message`` unless the condition holds."""

    def sleep(self, seconds: float) -> None:
        """The user's think time."""

    def retry(self, work: Callable[[], T], *, on: Iterable[int] = (1200,), most: int = 3) -> T:
        """What ``work`` returns.

        After an error with one of those errorNums (1200: a write-write conflict) it is done
        again, ``most`` times at most.  Nothing else is ever sent twice, and each of these times
        is counted in the run's ``retries``.
        """

    def transaction(
        self, *, read: Iterable[str] = (), write: Iterable[str] = (), exclusive: Iterable[str] = ()
    ) -> AbstractContextManager[StreamTransaction]:
        """A stream transaction on these collections: committed at the end, aborted on an error."""


ScenarioFunction = Callable[[Session], object]
_F = TypeVar("_F", bound=Callable[..., object])


@overload
def scenario(function: _F) -> _F: ...


@overload
def scenario(*, rows: Iterable[Any] | None = None, once: bool = False) -> Callable[[_F], _F]: ...


def scenario(
    function: _F | None = None, *, rows: Iterable[Any] | None = None, once: bool = False
) -> _F | Callable[[_F], _F]:
    """Mark the function or class of a file (or notebook cell) that is the scenario.

    ``rows``: data for ``session.row``, e.g. ``csv_rows("people.csv")``; no two starts of a run
    get the same row until all were used.  Then they are used again, or, with ``once``, the run
    ends.
    """

    def mark(marked: _F) -> _F:
        setattr(marked, _MARK, (rows, once))
        return marked

    return mark if function is None else mark(function)


def marked(thing: object) -> tuple[Iterable[Any] | None, bool] | None:
    """(rows, once) of what is marked as the scenario itself; None for anything else."""
    return vars(thing).get(_MARK) if hasattr(thing, "__dict__") else None
