"""Going through the tokens of a query."""

from __future__ import annotations

from arangolab.sandbox.aql.lexer import Token, syntax_error, tokens
from arangolab.sandbox.faults import ArangoError


class Reader:
    """Where the parser is in a query."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokens(text)
        self._position = 0
        self.brackets = 0
        """How many brackets are open."""
        self.here = self._tokens[0]

    def advance(self) -> Token:
        """Go on by one token; the one that was left behind."""
        left = self.here
        self._position += 1
        if self._position < len(self._tokens):
            self.here = self._tokens[self._position]
        return left

    def peek(self) -> Token:
        """The token after this one."""
        return self._tokens[min(self._position + 1, len(self._tokens) - 1)]

    def accept(self, kind: str) -> bool:
        """Go on if the token is of this kind."""
        if self.here.kind == kind:
            self.advance()
            return True
        return False

    def expect(self, kind: str) -> Token:
        """The token of this kind; ArangoError 1501 if it is another."""
        if self.here.kind != kind:
            raise self.unexpected()
        return self.advance()

    def open(self, kind: str) -> None:
        """Expect an opening bracket."""
        self.expect(kind)
        self.brackets += 1

    def close(self, kind: str) -> None:
        """Expect a closing bracket."""
        self.expect(kind)
        self.brackets -= 1

    def word(self, *words: str) -> bool:
        """Whether here stands one of the words that are keywords in some places only."""
        return self.here.kind == "name" and self.here.text.upper() in words

    def unexpected(self) -> ArangoError:
        """1501 about the token here, to be raised."""
        return syntax_error(self.text, self.here.at, f"unexpected {self.here.describe()}")
