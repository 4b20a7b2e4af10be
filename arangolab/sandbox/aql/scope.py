"""What the compilation of a query keeps: variables, bind parameters, accesses, plan nodes."""

from __future__ import annotations

import contextlib
from collections import ChainMap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lark import Tree

from arangolab.sandbox.aql.context import Evaluate
from arangolab.sandbox.aql.grammar import Node
from arangolab.sandbox.faults import fault

_OPTIONS = {
    *("algorithm", "bfs", "defaultWeight", "disableIndex", "edgeCollections", "exclusive"),
    *("forceIndexHint", "ignoreErrors", "ignoreRevs", "indexHint", "keepNull", "lookahead"),
    *("maxProjections", "mergeObjects", "method", "order", "overwrite", "overwriteMode"),
    *("parallelism", "readOwnWrites", "refillIndexCaches", "uniqueEdges", "uniqueVertices"),
    *("useCache", "versionAttribute", "vertexCollections", "waitForSync", "weightAttribute"),
}
_LITERAL = {"constant", "array", "object", "pair", "unary", "bind"}


class Access(NamedTuple):
    """That a query touches a collection."""

    name: str
    """The collection's name, or the bind parameter (with @) that holds it."""
    mode: str
    """"read", "write" or "exclusive"."""
    is_bind: bool

    def resolve(self, binds: dict[str, Any]) -> str:
        """The collection's name."""
        return binds[self.name] if self.is_bind else self.name


@dataclass(slots=True)
class PlanNode:
    """One node of the plan that ``explain`` shows."""

    id: int
    type: str
    collection: Access | None = None
    details: dict[str, Any] = field(default_factory=dict)
    edges: list[Access] = field(default_factory=list)
    look_up: Any = None
    """For a FOR over a collection: its ``access.LookUp``."""


class Scope:
    """Compiles by calling for each tree the method that has its name, with its children."""

    def __init__(self) -> None:
        self.width = 1
        """Slots of a frame."""
        self.variables: ChainMap[str, int] = ChainMap()
        """Slots of the variables in scope."""
        self.binds: dict[str, None] = {}
        self.accesses: list[Access] = []
        self.nodes = [PlanNode(1, "SingletonNode")]
        self.warnings: list[tuple[int, str]] = []

    def compile(self, tree: Node) -> Any:
        """A closure (``Evaluate``) for an expression, a ``Stage`` for an operation."""
        return getattr(self, f"_{tree.data}")(*tree.children)

    def compiled(self, trees: Iterable[Node]) -> list[Evaluate]:
        """Closures for those of the trees that are not left out."""
        return [self.compile(tree) for tree in trees if tree is not None]

    def define(self, name: str) -> int:
        """A slot for a new variable; ArangoError 1511 if it exists in this scope or around it."""
        if name in self.variables and name not in ("CURRENT", "OLD", "NEW"):
            raise fault(1511, name)
        self.variables[str(name)] = self.width
        self.width += 1
        return self.width - 1

    @contextlib.contextmanager
    def nested(self) -> Iterator[None]:
        """Compile in a scope of its own."""
        self.variables = self.variables.new_child()
        yield
        self.variables = self.variables.parents

    def is_collection(self, tree: Node) -> bool:
        """Whether an expression is a collection."""
        is_free = tree.data == "reference" and tree.children[0] not in self.variables
        return is_free or tree.data == "bound_collection"

    def collection(self, tree: Node, mode: str) -> Access:
        """Note that a collection is touched."""
        access = Access(str(tree.children[0]), mode, tree.data == "bound_collection")
        if access.is_bind:
            self.binds[access.name] = None
        self.accesses.append(access)
        return access

    def add_node(self, kind: str, access: Access | None = None, **details: Any) -> PlanNode:
        """Note a node for ``explain``."""
        self.nodes.append(PlanNode(len(self.nodes) + 1, kind, access, details))
        return self.nodes[-1]

    def options(self, tree: Node) -> dict[str, Evaluate]:
        """OPTIONS by name; a warning about each that is not known; ArangoError 1575."""
        given = tree.children[0] if tree is not None else Tree("object", [])
        if given.data != "object" or not {part.data for part in given.iter_subtrees()} <= _LITERAL:
            raise fault(1575)
        names = [str(pair.children[0]) for pair in given.children]
        for name in set(names) - _OPTIONS:
            self.warnings.append((1539, f"invalid/unknown options attribute used: '{name}'"))
        values = [self.compile(pair.children[-1]) for pair in given.children]
        return dict(zip(names, values, strict=True))


def fixed(options: dict[str, Evaluate], *names: str) -> dict[str, Any]:
    """Values of options that the plan depends on; ArangoError 1575 for bind parameters."""
    try:
        return {name: options[name]([]) for name in names or options if name in options}
    except IndexError:  # it asked for the context
        raise fault(1575) from None
