"""The operations INSERT, UPDATE, REPLACE, REMOVE and UPSERT.

They read all their rows before they write the first, so that a query never sees its own writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lark import Token

from arangolab.sandbox.aql.context import Frame, Stage
from arangolab.sandbox.aql.expressions import Expressions, fixed
from arangolab.sandbox.aql.grammar import Node
from arangolab.sandbox.documents import operate
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.view import View

Decide = Callable[[View, Frame], tuple[str, Any, Any]]
"""The method (see ``operate``), what has the key, and the body, of the write of a frame."""

_METHODS = {"INSERT": "POST", "UPDATE": "PATCH", "REPLACE": "PUT", "REMOVE": "DELETE"}


class Modify(Expressions):
    """Compiles data modifications."""

    def _write(self, kind: Token, *parts: Node) -> Stage:
        *given, document, target, options = parts
        keys, new = self.compiled(given), self.compile(document)

        def decide(_view: View, f: Frame) -> tuple[str, Any, Any]:
            body = new(f)
            return _METHODS[kind.type], keys[0](f) if keys else body, body

        return self._writing(kind, target, options, decide)

    def _upsert(
        self, search: Node, insert: Node, kind: Token, change: Node, target: Token, options: Node
    ) -> Stage:
        if search.data != "object":
            raise ArangoError(1501, "UPSERT needs an object literal to search for")
        wanted, new = self.compile(search), self.compile(insert)
        with self.nested():
            old = self.define("OLD")
            changed = self.compile(change)

        def decide(view: View, f: Frame) -> tuple[str, Any, Any]:
            values = wanted(f)
            found = view.by_example(values)
            if not found:
                return "POST", None, new(f)
            f[old] = found[0]
            return _METHODS[kind.type], found[0]["_key"], changed(f)

        return self._writing("UPSERT", target, options, decide)

    def _writing(self, kind: str, target: Token, options: Node, decide: Decide) -> Stage:
        given = self.options(options)
        is_exclusive = fixed(given, "exclusive").get("exclusive")
        collection = self.collection(target, "exclusive" if is_exclusive else "write")
        slot = self.define("OLD", "NEW")
        self.add_node("CalculationNode")
        here = self.add_node(f"{kind.capitalize()}Node", [collection])

        def stage(base: Frame, frames: Iterable[Frame]) -> Iterable[Frame]:
            stats, trx, view = base[0].stats, base[0].trx, base[0].view(collection)
            name = view.collection.name
            told: dict[str, Any] = {"returnOld": True, "returnNew": True}
            told |= {option: value(base) for option, value in given.items()}
            done: list[Frame] = []
            for f in list(frames):
                try:
                    method, which, body = decide(view, f)
                    has_rev = told.get("ignoreRevs") is False and type(which) is dict
                    how = {**told, "rev": which.get("_rev")} if has_rev else told
                    change = operate(trx, method, name, which, body, how)
                except ArangoError as error:
                    if not told.get("ignoreErrors"):
                        said = f"{error.message} {here}"
                        raise ArangoError(error.error_num, said, error.status) from None
                    stats["writesIgnored"] += 1
                    continue
                f[slot : slot + 2] = change.get("old"), change.get("new")
                stats["writesExecuted"] += 1
                done.append(f)
            return done

        return stage
