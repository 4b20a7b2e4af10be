"""AQL text to tokens."""

from __future__ import annotations

import re
from typing import NamedTuple

from arangolab.sandbox.faults import ArangoError

# A keyword, and how ArangoDB's parser calls it when it did not expect it.
KEYWORDS: dict[str, str] = {
    "FOR": "FOR declaration",
    "LET": "LET declaration",
    "FILTER": "FILTER declaration",
    "RETURN": "RETURN declaration",
    "COLLECT": "COLLECT declaration",
    "SORT": "SORT declaration",
    "LIMIT": "LIMIT declaration",
    "WINDOW": "WINDOW declaration",
    "ASC": "ASC keyword",
    "DESC": "DESC keyword",
    "IN": "IN keyword",
    "WITH": "WITH keyword",
    "INTO": "INTO keyword",
    "AGGREGATE": "AGGREGATE keyword",
    "GRAPH": "GRAPH keyword",
    "SHORTEST_PATH": "SHORTEST_PATH keyword",
    "K_SHORTEST_PATHS": "K_SHORTEST_PATHS keyword",
    "K_PATHS": "K_PATHS keyword",
    "ALL_SHORTEST_PATHS": "ALL_SHORTEST_PATHS keyword",
    "DISTINCT": "DISTINCT modifier",
    "REMOVE": "REMOVE command",
    "INSERT": "INSERT command",
    "UPDATE": "UPDATE command",
    "REPLACE": "REPLACE command",
    "UPSERT": "UPSERT command",
    "NULL": "null",
    "TRUE": "true",
    "FALSE": "false",
    "NOT": "not operator",
    "AND": "and operator",
    "OR": "or operator",
    "LIKE": "like operator",
    "OUTBOUND": "outbound modifier",
    "INBOUND": "inbound modifier",
    "ANY": "any modifier",
    "ALL": "all modifier",
    "NONE": "none modifier",
}
_SIGNS: dict[str, str] = {
    "=": "assignment",
    "=~": "=~ operator",
    "!~": "!~ operator",
    "==": "== operator",
    "!=": "!= operator",
    "<": "< operator",
    ">": "> operator",
    "<=": "<= operator",
    ">=": ">= operator",
    "+": "+ operator",
    "-": "- operator",
    "*": "* operator",
    "/": "/ operator",
    "%": "% operator",
    "AND": "and operator",
    "OR": "or operator",
    "NOT": "not operator",
}
_KINDS = {
    "name": "identifier",
    "string": "quoted string",
    "int": "integer number",
    "float": "number",
    "bind": "bind parameter",
    "collection": "bind data source parameter",
    "end": "end of query string",
}
_TOKEN = re.compile(
    r"""
    (?P<space> (?: \s+ | //[^\n]* | /\*.*?\*/ )+ )
  | (?P<float> (?: (?:0|[1-9]\d*)? \.\d+ (?:[eE][+-]?\d+)? | (?:0|[1-9]\d*) [eE][+-]?\d+ ) )
  | (?P<int> 0[xX][0-9a-fA-F]+ | 0[bB][01]+ | 0 | [1-9]\d* )
  | (?P<string> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' )
  | (?P<tick> `(?:[^`\\]|\\.)*` | ´(?:[^´\\]|\\.)*´ )
  | (?P<collection> @@[A-Za-z0-9][A-Za-z0-9_]* )
  | (?P<bind> @_*[A-Za-z0-9][A-Za-z0-9_]* )
  | (?P<name> [$_]*[A-Za-z][A-Za-z0-9_]* )
  | (?P<sign> \.\.\. | \.\. | :: | == | != | =~ | !~ | <= | >= | && | \|\|
            | [-+*/%<>=!?:,.;()\[\]{}] )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS = {"&&": "AND", "||": "OR", "!": "NOT"}


class Token(NamedTuple):
    """One token."""

    kind: str
    """A sign or keyword itself; else name, string, int, float, bind, collection or end."""
    text: str
    """The value: a name or string without its quotes, the digits of a number."""
    at: int
    """Where it begins in the query; an end where the text before it begins, as in ArangoDB."""

    def describe(self) -> str:
        """What ArangoDB's parser calls it."""
        return KEYWORDS.get(self.kind) or _SIGNS.get(self.kind) or _KINDS.get(self.kind, self.kind)


def tokens(text: str) -> list[Token]:
    """All tokens and an ``end``; ArangoError 1501 at a character that begins none."""
    found: list[Token] = []
    at = last = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise syntax_error(text, at, _complaint(text[at]))
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(_token(kind, match.group(), at))
        last, at = at, match.end()
    found.append(Token("end", "", last))
    return found


def _complaint(character: str) -> str:
    if character in "\"'`´":
        return "unexpected unterminated string literal"
    return f"unexpected character '{character}'"


def _token(kind: str, text: str, at: int) -> Token:
    if kind == "name":
        upper = text.upper()
        return Token(upper, text, at) if upper in KEYWORDS else Token("name", text, at)
    if kind == "sign":
        return Token(_WORDS.get(text, text), text, at)
    if kind in ("string", "tick"):
        return Token("string" if kind == "string" else "name", _unescape(text[1:-1]), at)
    if kind in ("bind", "collection"):
        return Token(kind, text.lstrip("@") if kind == "collection" else text[1:], at)
    return Token(kind, text, at)


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(_character, text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(match: re.Match[str]) -> str:
    code = match.group(1)
    if len(code) == 5:
        return chr(int(code[1:], 16))
    return _ESCAPES.get(code, code)


def syntax_error(text: str, at: int, complaint: str) -> ArangoError:
    """1501 with what the parser did not expect, the text there, and its line and column."""
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    near = text[at:] if len(text) - at <= 32 else text[at : at + 32] + "..."
    return ArangoError(1501, f"syntax error, {complaint} near '{near}' at position {line}:{column}")
