"""The expressions of AQL: tokens to syntax tree, by precedence."""

from __future__ import annotations

import math
from collections.abc import Callable

from arangolab.sandbox.aql import nodes as n
from arangolab.sandbox.aql.lexer import Token, syntax_error
from arangolab.sandbox.aql.reader import Reader
from arangolab.sandbox.values import tidy

_BINDING = {
    "OR": 10,
    "AND": 20,
    "==": 40,
    "!=": 40,
    "LIKE": 40,
    "=~": 40,
    "!~": 40,
    "IN": 50,
    "NOT": 50,
    "<": 60,
    ">": 60,
    "<=": 60,
    ">=": 60,
    "..": 70,
    "+": 80,
    "-": 80,
    "*": 90,
    "/": 90,
    "%": 90,
}
_QUANTIFIERS = ("ALL", "ANY", "NONE")
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "IN", "NOT")
_UNARY = 100
_STARTS = "FOR LET RETURN FILTER SORT LIMIT COLLECT WINDOW WITH INSERT UPDATE REPLACE REMOVE UPSERT"
_QUERY_STARTS = frozenset(_STARTS.split())
_WORDS = {"NULL": None, "TRUE": True, "FALSE": False}
_MAX_DEPTH = 200


class ExpressionParser(Reader):
    """Reads expressions; ``statements.Parser`` adds the operations."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._without_in = -1

    def expression(self, least: int = 0) -> n.Expression:
        """An expression whose operators bind stronger than ``least``."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise syntax_error(self.text, self.here.at, "unexpected nesting, too deep")
        left = self._unary()
        while True:
            step = self._operator(left, least)
            if step is None:
                break
            left = step
        if least == 0:
            left = self._ternary(left)
        self._depth -= 1
        return left

    def operand(self) -> n.Expression:
        """An expression in which IN (outside of brackets) is no operator: INSERT … IN coll."""
        before, self._without_in = self._without_in, self.brackets
        made = self.expression()
        self._without_in = before
        return made

    def _ternary(self, condition: n.Expression) -> n.Expression:
        if not self.accept("?"):
            return condition
        if self.accept(":"):
            return n.Ternary(condition, None, self.expression())
        yes = self.expression()
        self.expect(":")
        return n.Ternary(condition, yes, self.expression())

    def _operator(self, left: n.Expression, least: int) -> n.Expression | None:
        kind = self.here.kind
        quantifier = ""
        count = self._at_least() if least < 40 else None
        if count is not None:
            quantifier, kind = "AT LEAST", self.here.kind
            if kind not in _COMPARISONS:
                raise self.unexpected()
        elif kind in _QUANTIFIERS and self.peek().kind in _COMPARISONS and least < 40:
            quantifier = kind
            self.advance()
            kind = self.here.kind
        binding = _BINDING.get(kind)
        if kind == "IN" and self._without_in == self.brackets:
            return None
        if binding is None or (binding <= least and not quantifier):
            return None
        if kind == "NOT":
            if self.peek().kind not in ("IN", "LIKE", "=~"):
                return None
            self.advance()
            kind = f"NOT {self.here.kind}"
        self.advance()
        right = self.expression(binding)
        if kind in ("NOT LIKE", "NOT =~"):
            return n.Unary("NOT", n.Binary(kind[4:], left, right))
        return n.Binary(kind, left, right, quantifier, count)

    def _at_least(self) -> n.Expression | None:
        """The number in AT LEAST (n), if that stands here."""
        if not self.word("AT") or self.peek().text.upper() != "LEAST":
            return None
        self.advance()
        self.advance()
        self.open("(")
        count = self.expression()
        self.close(")")
        return count

    def _unary(self) -> n.Expression:
        kind = self.here.kind
        if kind in ("NOT", "-", "+"):
            self.advance()
            of = self.expression(_UNARY)
            if kind == "-" and type(of) is n.Const and type(of.value) in (int, float):
                return n.Const(-of.value)
            return n.Unary(kind, of)
        return self._postfix(self._primary())

    def _primary(self) -> n.Expression:
        read = _PRIMARY.get(self.here.kind)
        if read is not None:
            return read(self)
        if self.here.kind == "LIKE" and self.peek().kind == "(":
            return self._call(self.advance())
        raise self.unexpected()

    def _constant(self) -> n.Expression:
        token = self.advance()
        if token.kind == "int":
            return n.Const(_integer(token.text))
        if token.kind == "float":
            return n.Const(tidy(float(token.text)))
        return n.Const(_WORDS.get(token.kind, token.text))

    def _bind(self) -> n.Expression:
        return n.Bind(self.advance().text)

    def _collection_bind(self) -> n.Expression:
        return n.CollectionBind(self.advance().text)

    def _name(self) -> n.Expression:
        token = self.advance()
        name = token.text
        while self.here.kind == "::":
            self.advance()
            name += "::" + self.expect("name").text
        if self.here.kind == "(" and self.text[token.at] not in "`´":
            return self._call(token._replace(text=name))
        return n.Ref(name, token.at)

    def _call(self, token: Token) -> n.Expression:
        self.open("(")
        arguments: list[n.Expression] = []
        while self.here.kind != ")":
            if self.here.kind in _QUERY_STARTS:
                arguments.append(n.Subquery(self.query()))
            else:
                arguments.append(self.expression())
            if not self.accept(","):
                break
        self.close(")")
        return n.Call(token.text.upper(), arguments, token.at)

    def query(self) -> n.Query:
        """A subquery; the operations are the business of ``statements.Parser``."""
        raise NotImplementedError

    def _parentheses(self) -> n.Expression:
        self.open("(")
        inner: n.Expression
        inner = n.Subquery(self.query()) if self.here.kind in _QUERY_STARTS else self.expression()
        self.close(")")
        return inner

    def _array(self) -> n.Expression:
        self.open("[")
        items: list[n.Expression] = []
        while self.here.kind != "]":
            items.append(self.expression())
            if not self.accept(","):
                break
        self.close("]")
        return n.Array(items)

    def _object(self) -> n.Expression:
        self.open("{")
        pairs: list[tuple[n.Expression, n.Expression]] = []
        while self.here.kind != "}":
            pairs.append(self._pair())
            if not self.accept(","):
                break
        self.close("}")
        return n.Object(pairs)

    def _pair(self) -> tuple[n.Expression, n.Expression]:
        token = self.here
        name: n.Expression
        if token.kind == "[":
            self.open("[")
            name = self.expression()
            self.close("]")
        elif token.kind == "bind":
            name = n.Bind(self.advance().text)
        elif token.kind == "name" and self.peek().kind in (",", "}"):
            self.advance()
            return n.Const(token.text), n.Ref(token.text, token.at)
        elif token.kind in ("name", "string") or token.text.isidentifier():
            name = n.Const(self.advance().text)
        else:
            raise self.unexpected()
        self.expect(":")
        return name, self.expression()

    # ---- what follows a value: .name [expression] [*]

    def _postfix(self, of: n.Expression) -> n.Expression:
        while True:
            if self.here.kind == ".":
                self.advance()
                of = _extended(of, self._attribute_name())
            elif self.here.kind == "[":
                following = self.peek().kind
                if following in ("*", "?"):
                    of = self._expansion(of)
                else:
                    self.open("[")
                    of = _extended(of, self.expression())
                    self.close("]")
            else:
                return of

    def _attribute_name(self) -> n.Expression:
        token = self.here
        if token.kind == "bind":
            return n.Bind(self.advance().text)
        if token.kind == "name" or token.text.replace("_", "a").isalnum():
            return n.Const(self.advance().text)
        raise self.unexpected()

    def _expansion(self, of: n.Expression) -> n.Expression:
        self.open("[")
        question = self.here.kind == "?"
        depth = 0
        while self.accept("?" if question else "*"):
            depth += 1
        made = n.Expansion(of, depth, None, None, None, question=question)
        whole: n.Expression = made
        if type(of) is n.Expansion and not of.question and depth == 1 and not question:
            made.of = n.Ref("CURRENT")
            of.path.append(made)
            whole = of
        if question and self.here.kind in _QUANTIFIERS:
            made.quantity = self.advance().kind
        elif question and (count := self._at_least()) is not None:
            made.quantity = n.Binary("..", count, n.Const(math.inf))
        elif question and self.here.kind not in ("FILTER", "]"):
            made.quantity = self.expression()
        if self.accept("FILTER"):
            made.condition = self.expression()
        if self.accept("LIMIT"):
            first = self.expression()
            made.limit = (first, self.expression()) if self.accept(",") else (None, first)
        if self.accept("RETURN"):
            made.result = self.expression()
        self.close("]")
        return whole


_PRIMARY: dict[str, Callable[[ExpressionParser], n.Expression]] = {
    **dict.fromkeys(("string", "int", "float", *_WORDS), ExpressionParser._constant),
    "name": ExpressionParser._name,
    "bind": ExpressionParser._bind,
    "collection": ExpressionParser._collection_bind,
    "[": ExpressionParser._array,
    "{": ExpressionParser._object,
    "(": ExpressionParser._parentheses,
}
"""What an operand may begin with."""


def _extended(of: n.Expression, name: n.Expression) -> n.Expression:
    """of.name; after an expansion the name belongs to each element."""
    if type(of) is n.Expansion and not of.question:
        inner = of.path[-1] if of.path else None
        if type(inner) is n.Expansion:
            _extended(inner, name)
        else:
            of.path.append(name)
        return of
    return n.Attribute(of, name)


def _integer(text: str) -> int | float:
    number = int(text, 0)
    return number if number < 2**63 else float(number)
