"""AQL text to lark's tree; what cannot be read is refused in the words of ArangoDB's parser."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, Tree, UnexpectedCharacters, UnexpectedToken

from arangolab.sandbox.aql.operators import number
from arangolab.sandbox.faults import ArangoError

Node = Any
"""A tree, a token, or None for a part that was left out."""

_LEVELS = (
    *("?", "OR", "AND", "ALL ANY NONE", "== != LIKE =~ !~", "IN NOT", "< <= >= >", "..", "+ -"),
    "* / %",
)
"""Operators from the weakest to the strongest."""
_BINDING = {word: level for level, words in enumerate(_LEVELS) for word in words.split()}
_SAME = {"&&": "AND", "||": "OR"}
_DECLARATIONS = ("FOR", "LET", "FILTER", "RETURN", "COLLECT", "SORT", "LIMIT")
_CALLED = {
    **dict.fromkeys(("NAME", "TICKED", "UDF", "TO", "KEEP", "PRUNE", "_OPTIONS"), "identifier"),
    "STRING": "quoted string",
    "$END": "end of query string",
    "EQUAL": "assignment",
    "BIND": "bind parameter",
    "COLLECTION": "bind data source parameter",
    **{word: f"{word} declaration" for word in _DECLARATIONS},
}
"""What ArangoDB's parser calls a terminal."""
_REFUSED = re.compile(r"WINDOW\b|SEARCH\b|UPSERT\s+FILTER|AT\s+LEAST|\[\s*\?", re.IGNORECASE)
_WORD = re.compile(r"[A-Z_]+|[^\sA-Z_]+")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def parse(text: str) -> Tree[Token]:
    """The tree of a query; ArangoError 1501 or 1502."""
    if not text.strip():
        raise ArangoError(1502)
    try:
        return _PARSER.parse(text)
    except UnexpectedCharacters as error:
        at = error.pos_in_stream or 0
        is_quote = text[at] in "\"'`´"
        what = "unterminated string literal" if is_quote else f"character '{text[at]}'"
    except UnexpectedToken as error:
        token: Token = error.token
        at = token.start_pos or 0
        for match in _REFUSED.finditer(text):
            if match.start() <= at < match.end():
                what = f"{match[0].upper()} is not supported by the arangolab sandbox"
                raise ArangoError(1501, what) from None
        if token.type == "$END" and text[-1].isspace():
            at = len(text.rstrip())
        what = _called(token)
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    near = text[at:] if len(text) - at <= 32 else text[at : at + 32] + "..."
    where = f"near '{near}' at position {line}:{column}"
    raise ArangoError(1501, f"syntax error, unexpected {what} {where}")


def _called(token: Token) -> str:
    if token.type == "NUMBER":
        return "integer number" if token.isdigit() else "number"
    word = token.upper()
    usual = f"{word} operator" if word in {*_BINDING, *_SAME} else word
    return _CALLED.get(token.type, f"{word} keyword" if word.isalpha() else usual)


class _Growing(Transformer[Token, Any]):
    """What lark calls for some of the rules and terminals, by their names, as the tree grows."""

    def chain(self, parts: list[Node]) -> Node:
        """An operator, put where its precedence wants it: left, kind, right, extra.

        The kind is its words (==, NOT IN, ANY ==, ?); the extra the middle of a ternary.
        """
        left, *inner, right = parts
        extra = next((part for part in inner if isinstance(part, Tree)), None)
        text = " ".join(part for part in inner if isinstance(part, Token)).upper()
        words = [word for word in _WORD.findall(text) if word != ":"]
        return _placed(left, _SAME.get(words[0], " ".join(words)), right, extra)

    def closed(self, parts: list[Node]) -> Node:
        """In brackets; later operators leave it alone."""
        if parts[0].data != "chain":
            return Tree("closed", parts)
        parts[0].data = "binary"
        return parts[0]

    def constant(self, parts: list[Token]) -> Node:
        """A string, number, null, true or false."""
        token = parts[0]
        value: Any = {"NULL": None, "TRUE": True, "FALSE": False}.get(token.type, str(token))
        if token.type == "NUMBER":
            is_integer = token.isdigit() or token[1:2] in ("x", "X", "b", "B")
            value = number(int(token, 0) if is_integer else float(token))
        return Tree("constant", [value])

    def BIND(self, token: Token) -> Token:  # noqa: N802 - a terminal of the grammar
        """A bind parameter without its first @."""
        return token.update(value=token[1:])

    def STRING(self, token: Token) -> Token:  # noqa: N802
        """A string or quoted name without its quotes and escapes."""
        text = token[1:-1]
        if "\\" in text:
            plain = _ESCAPE.sub(_character, text)
            text = plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return token.update(value=text)

    COLLECTION = BIND
    TICKED = STRING


def _placed(left: Node, kind: str, right: Node, extra: Node) -> Node:
    binding = _BINDING[kind.split()[0]]
    if left.data == "chain":
        first, *rest = left.children[1].split()
        held = _BINDING[rest[-1] if rest and first != "NOT" else first]
        if binding > held or binding == held == 0:
            left.children[2] = _placed(left.children[2], kind, right, extra)
            return left
    return Tree("chain", [left, kind, right, extra])


def _character(match: re.Match[str]) -> str:
    code = match.group(1)
    return chr(int(code[1:], 16)) if len(code) == 5 else _ESCAPES.get(code, code)


def _kept_in() -> str | bool:
    """A file for what lark makes of the grammar, which takes a start's time; False for none."""
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "arangolab"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return False
    return str(folder / f"aql-{sys.implementation.cache_tag}.lark")


_PARSER = Lark.open(
    "aql.lark",
    rel_to=__file__,
    start="query",
    parser="lalr",
    lexer="basic",
    maybe_placeholders=True,
    g_regex_flags=re.IGNORECASE,
    transformer=_Growing(),
    cache=_kept_in(),
)
