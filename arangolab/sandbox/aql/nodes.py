"""The syntax tree of an AQL query."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Expression:
    """Something that has a value."""


@dataclass(slots=True)
class Const(Expression):
    """null, a boolean, a number or a string."""

    value: Any


@dataclass(slots=True)
class Ref(Expression):
    """A variable, or, if there is none of that name, a collection."""

    name: str
    at: int = field(default=0, compare=False)


@dataclass(slots=True)
class Bind(Expression):
    """@name."""

    name: str


@dataclass(slots=True)
class CollectionBind(Expression):
    """@@name."""

    name: str


@dataclass(slots=True)
class Attribute(Expression):
    """of.name, of[expression] or of.@name."""

    of: Expression
    name: Expression


@dataclass(slots=True)
class Expansion(Expression):
    """of[* FILTER … LIMIT … RETURN …] followed by more of a path; [**] has depth 2."""

    of: Expression
    depth: int
    condition: Expression | None
    limit: tuple[Expression | None, Expression] | None
    result: Expression | None
    path: list[Expression] = field(default_factory=list)
    question: bool = False
    """[? …]: whether any (or ``quantity``) element meets the condition."""
    quantity: Expression | str | None = None
    """ALL, ANY, NONE, a number, a range, or AT LEAST (n) as a range without an end."""


@dataclass(slots=True)
class Unary(Expression):
    """NOT, + or -."""

    operator: str
    of: Expression


@dataclass(slots=True)
class Binary(Expression):
    """left operator right; ``quantifier`` is ALL, ANY, NONE or AT LEAST before a comparison."""

    operator: str
    left: Expression
    right: Expression
    quantifier: str = ""
    least: Expression | None = None
    """Of AT LEAST (n)."""


@dataclass(slots=True)
class Ternary(Expression):
    """condition ? yes : no; without ``yes`` the condition's own value."""

    condition: Expression
    yes: Expression | None
    no: Expression


@dataclass(slots=True)
class Call(Expression):
    """NAME(arguments)."""

    name: str
    arguments: list[Expression]
    at: int = field(default=0, compare=False)


@dataclass(slots=True)
class Array(Expression):
    """[items]."""

    items: list[Expression]


@dataclass(slots=True)
class Object(Expression):
    """{name: value}."""

    pairs: list[tuple[Expression, Expression]]


@dataclass(slots=True)
class Subquery(Expression):
    """(FOR … RETURN …)."""

    query: Query


@dataclass(slots=True)
class Operation:
    """One statement of a query."""


@dataclass(slots=True)
class For(Operation):
    """FOR variable IN source."""

    variable: str
    source: Expression
    options: Expression | None = None


@dataclass(slots=True)
class Traversal(Operation):
    """FOR v, e, p IN min..max DIRECTION start edges | GRAPH name."""

    variables: list[str]
    low: Expression | None
    high: Expression | None
    direction: str
    start: Expression
    edges: list[tuple[str, Expression]]
    """Direction and collection of each edge collection."""
    graph: Expression | None = None
    prune: Expression | None = None
    prune_variable: str = ""
    options: Expression | None = None


@dataclass(slots=True)
class Paths(Operation):
    """FOR … IN [min..max] DIRECTION K_SHORTEST_PATHS start TO target edges | GRAPH name."""

    kind: str
    """SHORTEST_PATH, ALL_SHORTEST_PATHS, K_SHORTEST_PATHS or K_PATHS."""
    variables: list[str]
    low: Expression | None
    high: Expression | None
    direction: str
    start: Expression
    target: Expression
    edges: list[tuple[str, Expression]]
    graph: Expression | None
    options: Expression | None


@dataclass(slots=True)
class Filter(Operation):
    """FILTER condition."""

    condition: Expression


@dataclass(slots=True)
class Let(Operation):
    """LET variable = expression."""

    variable: str
    expression: Expression


@dataclass(slots=True)
class Sort(Operation):
    """SORT expression ASC|DESC, …; a direction may be a bind parameter or string."""

    terms: list[tuple[Expression, Expression]]


@dataclass(slots=True)
class Limit(Operation):
    """LIMIT offset, count."""

    offset: Expression | None
    count: Expression


@dataclass(slots=True)
class Collect(Operation):
    """COLLECT groups AGGREGATE … INTO … | WITH COUNT INTO …."""

    groups: list[tuple[str, Expression]]
    aggregates: list[tuple[str, Call]]
    into: str = ""
    into_expression: Expression | None = None
    keep: list[str] | None = None
    count_into: str = ""
    options: Expression | None = None


@dataclass(slots=True)
class Return(Operation):
    """RETURN [DISTINCT] expression."""

    expression: Expression
    distinct: bool


@dataclass(slots=True)
class Modify(Operation):
    """INSERT, UPDATE, REPLACE or REMOVE one document per row."""

    kind: str
    document: Expression | None
    """What to insert, patch or put; None for REMOVE and for UPDATE doc IN …."""
    key: Expression | None
    collection: Expression
    options: Expression | None


@dataclass(slots=True)
class Upsert(Operation):
    """UPSERT search INSERT document UPDATE|REPLACE change IN collection."""

    search: Expression
    insert: Expression
    kind: str
    change: Expression
    collection: Expression
    options: Expression | None


@dataclass(slots=True)
class Query:
    """A query or subquery."""

    operations: list[Operation]
    withs: list[Expression] = field(default_factory=list)
