"""The stages INSERT, UPDATE, REPLACE, REMOVE and UPSERT.

They read all their rows before they write the first, so that a query never sees its own writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from arangolab.sandbox.aql import nodes as n
from arangolab.sandbox.aql.context import Context, Evaluate, Frame
from arangolab.sandbox.faults import ArangoError, fault
from arangolab.sandbox.transaction import Change, Transaction

if TYPE_CHECKING:
    from arangolab.sandbox.aql.plan import Compiler, Stage

Write = Callable[[Transaction, str, Frame], Change]

_OPTIONS = frozenset(
    (
        "exclusive",
        "forceIndexHint",
        "ignoreErrors",
        "ignoreRevs",
        "indexHint",
        "keepNull",
        "mergeObjects",
        "overwrite",
        "overwriteMode",
        "readOwnWrites",
        "refillIndexCaches",
        "versionAttribute",
        "waitForSync",
    )
)


def compile_modify(compiler: Compiler, node: n.Modify) -> Stage:
    """A stage that writes one document per row."""
    late: dict[str, Evaluate] = {}
    options = compiler.options(node.options, _OPTIONS, late)
    document = compiler.expression(node.document) if node.document else None
    key = compiler.expression(node.key) if node.key else None
    write = _WRITES[node.kind](document, key, options)
    if late:
        write = _bound_late(node.kind, document, key, options, late)
    return _stage(compiler, node.kind, node.collection, options, write)


def _bound_late(
    kind: str, document: Any, key: Any, options: dict[str, Any], late: dict[str, Evaluate]
) -> Write:
    """A write whose options are known when the query runs; ArangoError 1575."""
    if late.keys() & {"exclusive", "ignoreErrors"}:
        raise fault(1575)

    def write(trx: Transaction, collection: str, f: Frame) -> Change:
        told = {**options, **{name: value(f) for name, value in late.items()}}
        return _WRITES[kind](document, key, told)(trx, collection, f)

    return write


def compile_upsert(compiler: Compiler, node: n.Upsert) -> Stage:
    """A stage that changes the first document that matches, or adds one."""
    options = compiler.options(node.options, _OPTIONS)
    if type(node.search) is not n.Object:
        raise ArangoError(1501, "UPSERT needs an object literal to search for")
    search = compiler.expression(node.search)
    insert = compiler.expression(node.insert)
    with compiler.nested():
        old_slot = compiler.define("OLD")
        change = compiler.expression(node.change)
    replaces = node.kind == "REPLACE"

    def write(trx: Transaction, collection: str, f: Frame) -> Change:
        wanted = search(f)
        found = trx.by_index(collection, list(wanted), list(wanted.values()))
        if not found:
            return trx.insert(collection, insert(f))
        f[old_slot] = found[0]
        key = found[0]["_key"]
        if replaces:
            return trx.replace(collection, key, change(f))
        return trx.update(collection, key, change(f), **_merging(options))

    return _stage(compiler, "UPSERT", node.collection, options, write)


def _stage(
    compiler: Compiler, kind: str, target: n.Expression, options: dict[str, Any], write: Write
) -> Stage:
    name_of = compiler.collection(target, "exclusive" if options.get("exclusive") else "write")
    old_slot, new_slot = compiler.define("OLD"), compiler.define("NEW")
    compiler.add_node("CalculationNode")
    shown = compiler.add_node(f"{kind.capitalize()}Node", collection=target)
    where = f" [node #{shown.id}: {shown.type}]"
    ignores = bool(options.get("ignoreErrors"))

    def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
        context: Context = base[0]
        trx, collection = context.trx, name_of(context)
        done: list[Frame] = []
        for frame in list(frames):
            try:
                change = write(trx, collection, frame)
            except ArangoError as error:
                if ignores:
                    context.stats["writesIgnored"] += 1
                    continue
                message = error.message + where
                raise ArangoError(error.error_num, message, error.status) from None
            frame[old_slot], frame[new_slot] = change.old, change.new
            context.stats["writesExecuted"] += 1
            done.append(frame)
        return iter(done)

    return stage


def _key_and_rev(value: Any, options: dict[str, Any]) -> tuple[str, str | None]:
    if type(value) is str:
        return value, None
    if type(value) is dict:
        key = value.get("_key")
        if type(key) is not str:
            raise ArangoError(1205 if key is None else 1221)
        return key, value.get("_rev") if options.get("ignoreRevs") is False else None
    raise ArangoError(1205)


def _merging(options: dict[str, Any]) -> dict[str, Any]:
    return {
        "keep_null": bool(options.get("keepNull", True)),
        "merge_objects": bool(options.get("mergeObjects", True)),
    }


def _insert(document: Evaluate, _key: Any, options: dict[str, Any]) -> Write:
    overwrite: Any = options.get("overwriteMode") or (
        "replace" if options.get("overwrite") else "conflict"
    )
    if overwrite not in ("conflict", "ignore", "replace", "update"):
        raise ArangoError(10, f"invalid value '{overwrite}' for overwriteMode")
    merging = _merging(options)
    return lambda trx, coll, f: trx.insert(coll, document(f), overwrite=overwrite, **merging)


def _update(document: Evaluate | None, key: Evaluate, options: dict[str, Any]) -> Write:
    merging = _merging(options)

    def write(trx: Transaction, collection: str, f: Frame) -> Change:
        which = key(f)
        name, rev = _key_and_rev(which, options)
        return trx.update(collection, name, document(f) if document else which, rev=rev, **merging)

    return write


def _replace(document: Evaluate | None, key: Evaluate, options: dict[str, Any]) -> Write:
    def write(trx: Transaction, collection: str, f: Frame) -> Change:
        which = key(f)
        name, rev = _key_and_rev(which, options)
        return trx.replace(collection, name, document(f) if document else which, rev=rev)

    return write


def _remove(_document: Any, key: Evaluate, options: dict[str, Any]) -> Write:
    def write(trx: Transaction, collection: str, f: Frame) -> Change:
        name, rev = _key_and_rev(key(f), options)
        return trx.remove(collection, name, rev=rev)

    return write


_WRITES: dict[str, Callable[[Any, Any, dict[str, Any]], Write]] = {
    "INSERT": _insert,
    "UPDATE": _update,
    "REPLACE": _replace,
    "REMOVE": _remove,
}
