"""The operations of AQL: tokens to syntax tree."""

from __future__ import annotations

from arangolab.sandbox.aql import nodes as n
from arangolab.sandbox.aql.expressions import ExpressionParser
from arangolab.sandbox.faults import ArangoError

_DIRECTIONS = ("OUTBOUND", "INBOUND", "ANY")
_PATHS = ("SHORTEST_PATH", "K_SHORTEST_PATHS", "K_PATHS", "ALL_SHORTEST_PATHS")


def parse(text: str) -> n.Query:
    """The syntax tree of a query; ArangoError 1501 or 1502."""
    if not text.strip():
        raise ArangoError(1502)
    parser = Parser(text)
    query = parser.query()
    if parser.here.kind != "end":
        raise parser.unexpected()
    return query


def not_offered(what: str) -> ArangoError:
    """The error for a part of AQL that the sandbox refuses by name."""
    return ArangoError(1501, f"{what} is not supported by the arangolab sandbox")


class Parser(ExpressionParser):
    """A whole query."""

    def query(self) -> n.Query:
        """Operations up to RETURN or a data modification that ends the query."""
        made = n.Query([])
        if self.accept("WITH"):
            made.withs.append(self._collection())
            while self.accept(",") or self.here.kind in ("name", "collection"):
                made.withs.append(self._collection())
        readers = {
            "FOR": self._for,
            "FILTER": self._filter,
            "LET": self._let,
            "SORT": self._sort,
            "LIMIT": self._limit,
            "COLLECT": self._collect,
            "INSERT": self._insert,
            "UPDATE": self._update,
            "REPLACE": self._update,
            "REMOVE": self._remove,
            "UPSERT": self._upsert,
        }
        modifies = False
        while self.here.kind in readers:
            kind = self.here.kind
            modifies = modifies or kind in ("INSERT", "UPDATE", "REPLACE", "REMOVE", "UPSERT")
            readers[kind](made.operations)
        if self.here.kind == "WINDOW":
            raise not_offered("WINDOW")
        if self.here.kind == "RETURN":
            self.advance()
            distinct = self.accept("DISTINCT")
            made.operations.append(n.Return(self.expression(), distinct))
        elif not modifies:
            raise self.unexpected()
        return made

    def _for(self, into: list[n.Operation]) -> None:
        self.advance()
        variables = [self.expect("name").text]
        while self.accept(","):
            variables.append(self.expect("name").text)
        self.expect("IN")
        if self._is_graph():
            into.append(self._traversal(variables))
            return
        source = self.expression()
        if self.here.kind in _DIRECTIONS:
            into.append(self._traversal(variables, source))
            return
        if len(variables) > 1:
            raise self.unexpected()
        if self.word("SEARCH"):
            raise not_offered("SEARCH")
        into.append(n.For(variables[0], source, self._options()))

    def _is_graph(self) -> bool:
        return self.here.kind in _DIRECTIONS

    def _traversal(self, variables: list[str], depth: n.Expression | None = None) -> n.Operation:
        low = high = depth
        if type(depth) is n.Binary and depth.operator == "..":
            low, high = depth.left, depth.right
        direction = self.advance().kind
        if self.here.kind in _PATHS:
            return self._paths(variables, low, high, direction)
        start = self.expression()
        edges, graph = self._edges(direction)
        made = n.Traversal(variables, low, high, direction, start, edges, graph)
        self._prune(made)
        made.options = self._options()
        return made

    def _paths(
        self,
        variables: list[str],
        low: n.Expression | None,
        high: n.Expression | None,
        direction: str,
    ) -> n.Paths:
        kind = self.advance().kind
        start = self.expression()
        if not self.word("TO"):
            raise self.unexpected()
        self.advance()
        target = self.expression()
        edges, graph = self._edges(direction)
        return n.Paths(
            kind, variables, low, high, direction, start, target, edges, graph, self._options()
        )

    def _edges(self, direction: str) -> tuple[list[tuple[str, n.Expression]], n.Expression | None]:
        if self.accept("GRAPH"):
            return [], self.expression()
        edges = [self._edge_collection(direction)]
        while self.accept(","):
            edges.append(self._edge_collection(direction))
        return edges, None

    def _edge_collection(self, direction: str) -> tuple[str, n.Expression]:
        if self.here.kind in _DIRECTIONS:
            direction = self.advance().kind
        return direction, self._collection()

    def _prune(self, made: n.Traversal) -> None:
        if self.word("PRUNE"):
            self.advance()
            if self.here.kind == "name" and self.peek().kind == "=":
                made.prune_variable = self.advance().text
                self.advance()
            made.prune = self.expression()

    def _collection(self) -> n.Expression:
        if self.here.kind == "collection":
            return n.CollectionBind(self.advance().text)
        if self.here.kind == "string":
            token = self.advance()
            return n.Ref(token.text, token.at)
        token = self.expect("name")
        return n.Ref(token.text, token.at)

    def _options(self) -> n.Expression | None:
        if not self.word("OPTIONS"):
            return None
        self.advance()
        if self.here.kind not in ("{", "bind"):
            raise self.unexpected()
        return self.expression()

    def _filter(self, into: list[n.Operation]) -> None:
        self.advance()
        into.append(n.Filter(self.expression()))

    def _let(self, into: list[n.Operation]) -> None:
        self.advance()
        while True:
            name = self.expect("name").text
            self.expect("=")
            into.append(n.Let(name, self.expression()))
            if not self.accept(","):
                return

    def _sort(self, into: list[n.Operation]) -> None:
        self.advance()
        terms: list[tuple[n.Expression, n.Expression]] = []
        while True:
            of = self.expression()
            direction: n.Expression = n.Const("ASC")
            if self.here.kind in ("ASC", "DESC"):
                direction = n.Const(self.advance().kind)
            elif self.here.kind in ("bind", "string"):
                direction = self.expression()
            terms.append((of, direction))
            if not self.accept(","):
                break
        into.append(n.Sort(terms))

    def _limit(self, into: list[n.Operation]) -> None:
        self.advance()
        first = self.expression()
        if self.accept(","):
            into.append(n.Limit(first, self.expression()))
        else:
            into.append(n.Limit(None, first))

    def _collect(self, into: list[n.Operation]) -> None:
        self.advance()
        made = n.Collect([], [])
        if self.here.kind == "name":
            made.groups = self._assignments()
        if self.accept("AGGREGATE"):
            for name, value in self._assignments():
                if type(value) is not n.Call:
                    raise ArangoError(1574, "aggregate expression must be a function call")
                made.aggregates.append((name, value))
        if self.here.kind == "WITH" and not made.aggregates:
            self._collect_count(made)
        elif self.accept("INTO"):
            self._collect_into(made)
        if not (made.groups or made.aggregates or made.count_into or made.into):
            raise self.unexpected()
        made.options = self._options()
        into.append(made)

    def _collect_count(self, made: n.Collect) -> None:
        self.advance()
        if not self.word("COUNT"):
            raise self.unexpected()
        self.advance()
        self.expect("INTO")
        made.count_into = self.expect("name").text

    def _collect_into(self, made: n.Collect) -> None:
        made.into = self.expect("name").text
        if self.accept("="):
            made.into_expression = self.expression()
        elif self.word("KEEP"):
            self.advance()
            made.keep = [self.expect("name").text]
            while self.accept(","):
                made.keep.append(self.expect("name").text)

    def _assignments(self) -> list[tuple[str, n.Expression]]:
        pairs: list[tuple[str, n.Expression]] = []
        while True:
            name = self.expect("name").text
            self.expect("=")
            pairs.append((name, self.expression()))
            if not self.accept(","):
                return pairs

    def _target(self) -> n.Expression:
        if not self.accept("INTO"):
            self.expect("IN")
        return self._collection()

    def _insert(self, into: list[n.Operation]) -> None:
        self.advance()
        document = self.operand()
        into.append(n.Modify("INSERT", document, None, self._target(), self._options()))

    def _update(self, into: list[n.Operation]) -> None:
        kind = self.advance().kind
        key = self.operand()
        document = self.operand() if self.accept("WITH") else None
        into.append(n.Modify(kind, document, key, self._target(), self._options()))

    def _remove(self, into: list[n.Operation]) -> None:
        self.advance()
        key = self.operand()
        into.append(n.Modify("REMOVE", None, key, self._target(), self._options()))

    def _upsert(self, into: list[n.Operation]) -> None:
        self.advance()
        if self.here.kind == "FILTER":
            raise not_offered("UPSERT FILTER")
        search = self.operand()
        self.expect("INSERT")
        insert = self.operand()
        if self.here.kind not in ("UPDATE", "REPLACE"):
            raise self.unexpected()
        kind = self.advance().kind
        change = self.operand()
        target = self._target()
        into.append(n.Upsert(search, insert, kind, change, target, self._options()))
