"""Transactions: a private overlay, published in one step at commit.

    with Transaction(database, write=["user"]) as trx:      # commits, or aborts on an exception
        operate(trx, "PATCH", "user", "user_1", {"counter": 1}, {})     # of ``documents``
        trx.view("user").scan()                                         # sees it; others do not

Nobody sees a write before commit.  Writing claims the key: if another open transaction has it,
or committed a change of it after this one began, ArangoError 1200 comes at once.  Collections
declared ``exclusive`` are locked at the start, in alphabetical order; waiting longer than
``lock_timeout_s`` raises 18 (0 waits for ever).  With ``declared`` (JavaScript and stream
transactions) a write elsewhere raises 1652, a read elsewhere too unless ``allow_implicit``.
One thread at a time may use a transaction.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable

from arangolab.sandbox.faults import ArangoError, check
from arangolab.sandbox.store import Collection, Database
from arangolab.sandbox.view import EXCLUSIVE, READ, WRITE, View

MODES = ("read", "write", "exclusive")


class Transaction(contextlib.AbstractContextManager["Transaction"]):
    """One transaction on one database; begins when it is made."""

    def __init__(
        self,
        database: Database,
        *,
        lock_timeout_s: float = 900.0,
        declared: bool = True,
        allow_implicit: bool = True,
        guard: Callable[[str, int], None] | None = None,
        **announced: Iterable[str],
    ) -> None:
        """``guard`` is asked before a collection is used (name, mode), and may raise."""
        self.database = database
        self.status = "running"
        self._allow_implicit, self._guard = allow_implicit, guard
        self._lock_timeout_s = lock_timeout_s or float("inf")
        self._views: dict[Collection, View] = {}
        self.declared = False
        try:
            self.use(**announced)
        except BaseException:
            self._end("aborted")
            raise
        finally:
            database.server.traffic.add("transactions_started_total")
        self.declared = declared
        with database.lock:
            database.open.add(self)

    # ---- collections

    def use(self, **announced: Iterable[str]) -> None:
        """Collections to read, write and use exclusive, in alphabetical order; as ``view``."""
        wanted = enumerate(announced.get(mode, ()) for mode in MODES)
        modes = {name: mode for mode, names in wanted for name in names}
        for name in sorted(modes):
            self.view(name, modes[name])

    def view(self, name: str, mode: int = READ) -> View:
        """The collection as this transaction sees it, locked if it is to be written.

        ArangoError 1203, 1655; 1652 if it was not declared; 18; and what the guard raises.
        """
        view = self.seen(self.database.collection(name))
        if view.mode < min(mode, WRITE):
            check(self.status == "running", 1655)
            said = f"unregistered collection used in transaction: {name} [{MODES[mode]}]"
            check(not self.declared or (mode == READ and self._allow_implicit), 1652, said)
            if self._guard is not None:
                self._guard(view.collection.name, mode)
            alone, timeout_s = mode == EXCLUSIVE, self._lock_timeout_s
            if mode != READ and not view.collection.acquire(self, alone, timeout_s):
                self.database.server.traffic.add(f"collection_lock_timeouts_{MODES[mode]}_total")
                raise ArangoError(18, f"timeout while waiting for lock on collection '{name}'")
            view.mode = mode
        return view

    def seen(self, collection: Collection) -> View:
        """What this transaction sees of a collection, whether it uses it or not."""
        found = self._views.get(collection)
        return found or self._views.setdefault(collection, View(collection, self))

    def truncate(self, coll: str) -> None:
        """Remove all documents; ArangoError 1200."""
        view = self.view(coll, WRITE)
        for document in view.scan():
            view.remove(document)

    # ---- the end

    def commit(self) -> None:
        """Publish all writes in one step, once they are on disk if they are kept there.

        ArangoError 2, and nothing is written, when they cannot be kept.
        """
        if self.status != "running":
            return
        changed = [view for view in list(self._views.values()) if view.writes]
        try:
            if changed:
                # even without a delay others get their turn, so that writers of one key can meet
                time.sleep(self.database.server.commit_delay_s)
                with self.database.lock:
                    self._publish(changed)
        except BaseException:
            self._end("aborted")
            raise
        self._end("committed")

    def _publish(self, changed: list[View]) -> None:
        if (disk := self.database.server.disk) is not None:
            disk.write([(view.collection, view.writes) for view in changed])
        self.database.open.discard(self)
        for view in changed:
            view.publish([other.seen(view.collection) for other in self.database.open])

    def abort(self) -> None:
        """Forget all writes."""
        if self.status == "running":
            self._end("aborted")

    def _end(self, how: str) -> None:
        self.status = how
        with self.database.lock:
            self.database.open.discard(self)
            for view in self._views.values():
                view.give_back()
        self._views = {}
        self.database.server.traffic.add(f"transactions_{how}_total")

    def __exit__(self, kind: object, *_: object) -> None:
        (self.commit if kind is None else self.abort)()
