"""The operations INSERT, UPDATE, REPLACE, REMOVE and UPSERT.

They read all their rows before they write the first, so that a query never sees its own writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lark import Token

from arangolab.sandbox.aql.context import Frame, Stage
from arangolab.sandbox.aql.expressions import Expressions
from arangolab.sandbox.aql.grammar import Node
from arangolab.sandbox.aql.scope import fixed
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.transaction import Change, Transaction

Told = dict[str, Any]
"""The options of a data modification."""
Write = Callable[[Transaction, str, Frame, Told], Change]
"""Writes what a frame says into a collection."""

_USUAL = {"keepNull": True, "mergeObjects": True, "ignoreRevs": True, "ignoreErrors": False}


class Modify(Expressions):
    """Compiles data modifications."""

    def _insert(self, document: Node, target: Node, options: Node) -> Stage:
        new = self.compile(document)

        def write(trx: Transaction, name: str, f: Frame, told: Told) -> Change:
            return trx.insert(name, new(f), overwrite=told["overwriteMode"], **told["merging"])

        return self._writing("INSERT", target, options, write)

    def _update(self, kind: Token, key: Node, document: Node, target: Node, options: Node) -> Stage:
        which = self.compile(key)
        new = self.compile(document) if document else which

        def write(trx: Transaction, name: str, f: Frame, told: Told) -> Change:
            found, rev = _key_and_rev(which(f), told)
            if kind.type == "REPLACE":
                return trx.replace(name, found, new(f), rev=rev)
            return trx.update(name, found, new(f), rev=rev, **told["merging"])

        return self._writing(kind.type, target, options, write)

    def _remove(self, key: Node, target: Node, options: Node) -> Stage:
        which = self.compile(key)

        def write(trx: Transaction, name: str, f: Frame, told: Told) -> Change:
            found, rev = _key_and_rev(which(f), told)
            return trx.remove(name, found, rev=rev)

        return self._writing("REMOVE", target, options, write)

    def _upsert(
        self, search: Node, insert: Node, kind: Token, change: Node, target: Node, options: Node
    ) -> Stage:
        if search.data != "object":
            raise ArangoError(1501, "UPSERT needs an object literal to search for")
        wanted, new = self.compile(search), self.compile(insert)
        with self.nested():
            old = self.define("OLD")
            changed = self.compile(change)

        def write(trx: Transaction, name: str, f: Frame, told: Told) -> Change:
            values = wanted(f)
            found = trx.by_index(name, list(values), list(values.values()))
            if not found:
                return trx.insert(name, new(f))
            f[old] = found[0]
            key = found[0]["_key"]
            if kind.type == "REPLACE":
                return trx.replace(name, key, changed(f))
            return trx.update(name, key, changed(f), **told["merging"])

        return self._writing("UPSERT", target, options, write)

    def _writing(self, kind: str, target: Node, options: Node, write: Write) -> Stage:
        given = self.options(options)
        is_exclusive = fixed(given, "exclusive").get("exclusive")
        access = self.collection(target, "exclusive" if is_exclusive else "write")
        old, new = self.define("OLD"), self.define("NEW")
        self.add_node("CalculationNode")
        shown = self.add_node(f"{kind.capitalize()}Node", access)

        def stage(base: Frame, frames: Iterable[Frame]) -> Iterable[Frame]:
            stats, trx, name = base[0].stats, base[0].trx, access.resolve(base[0].binds)
            told = _told({option: value(base) for option, value in given.items()})
            done: list[Frame] = []
            for f in list(frames):
                try:
                    change = write(trx, name, f, told)
                except ArangoError as error:
                    if not told["ignoreErrors"]:
                        message = f"{error.message} [node #{shown.id}: {shown.type}]"
                        raise ArangoError(error.error_num, message, error.status) from None
                    stats["writesIgnored"] += 1
                    continue
                f[old], f[new] = change.old, change.new
                stats["writesExecuted"] += 1
                done.append(f)
            return done

        return stage


def _told(given: Told) -> Told:
    mode = "replace" if given.get("overwrite") else "conflict"
    told = {**_USUAL, "overwriteMode": mode, **given}
    if told["overwriteMode"] not in ("conflict", "ignore", "replace", "update"):
        raise ArangoError(10, f"invalid value '{told['overwriteMode']}' for overwriteMode")
    keeps, merges = bool(told["keepNull"]), bool(told["mergeObjects"])
    return {**told, "merging": {"keep_null": keeps, "merge_objects": merges}}


def _key_and_rev(value: Any, told: Told) -> tuple[str, str | None]:
    if type(value) is str:
        return value, None
    key = value.get("_key") if type(value) is dict else None
    if type(key) is not str:
        raise ArangoError(1205 if key is None else 1221)
    return key, value.get("_rev") if told["ignoreRevs"] is False else None
