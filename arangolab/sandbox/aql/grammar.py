"""AQL text to lark's tree; what cannot be read is refused in the words of ArangoDB's parser."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

from lark import Lark, Token, Tree, UnexpectedInput, UnexpectedToken

from arangolab.sandbox.faults import ArangoError, check

Node = Any
"""A tree, a token, or None for a part that was left out."""

_DECLARATIONS = ("FOR", "LET", "FILTER", "RETURN", "COLLECT", "SORT", "LIMIT")
_OPERATORS = ("OR", "AND", "NOT", "SAME", "MATCH", "ORDER", "RANGE", "PLUS", "TIMES")
_CALLED = {
    **dict.fromkeys(("NAME", "TICKED", "UDF", "TO", "KEEP", "PRUNE", "_OPTIONS"), "identifier"),
    **{word: f"{word} declaration" for word in _DECLARATIONS},
    "STRING": "quoted string",
    "$END": "end of query string",
    "EQUAL": "assignment",
    "BIND": "bind parameter",
    "COLLECTION": "bind data source parameter",
}
"""What ArangoDB's parser calls a terminal."""
_REFUSED = re.compile(r"WINDOW\b|SEARCH\b|UPSERT\s+FILTER|AT\s+LEAST|\[\s*\?", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def parse(text: str) -> Tree[Token]:
    """The tree of a query; ArangoError 1501 or 1502."""
    check(text.strip(), 1502)
    try:
        return _PARSER.parse(text)
    except UnexpectedInput as error:
        at = error.pos_in_stream or 0
        what = _called(error.token) if isinstance(error, UnexpectedToken) else _character(text[at])
    for match in _REFUSED.finditer(text):
        if match.start() <= at < match.end():
            raise ArangoError(1501, f"{match[0].upper()} is not supported by the arangolab sandbox")
    if what == _CALLED["$END"] and text[-1].isspace():
        at = len(text.rstrip())
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    near = text[at:] if len(text) - at <= 32 else text[at : at + 32] + "..."
    where = f"near '{near}' at position {line}:{column}"
    raise ArangoError(1501, f"syntax error, unexpected {what} {where}")


def _character(sign: str) -> str:
    return "unterminated string literal" if sign in "\"'`´" else f"character '{sign}'"


def _called(token: Token) -> str:
    if token.type == "NUMBER":
        return "integer number" if token.isdigit() else "number"
    word = token.upper()
    usual = f"{word} operator" if token.type in _OPERATORS else word
    return _CALLED.get(token.type, f"{word} keyword" if word.isalpha() else usual)


def _bare(token: Token) -> Token:
    return token.update(value=token[1:])


def _unquoted(token: Token) -> Token:
    text = token[1:-1]
    if "\\" in text:
        plain = _ESCAPE.sub(_escaped, text)
        text = plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return token.update(value=text)


def _escaped(match: re.Match[str]) -> str:
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
    g_regex_flags=re.IGNORECASE,
    lexer_callbacks={"BIND": _bare, "COLLECTION": _bare, "STRING": _unquoted, "TICKED": _unquoted},
    cache=_kept_in(),
)
