"""LIKE and the REGEX_* functions."""

from __future__ import annotations

import re
from typing import Any

from arangolab.sandbox.aql.functions.convert import to_string, whole
from arangolab.sandbox.aql.functions.registry import function
from arangolab.sandbox.aql.operators import like_pattern, regex
from arangolab.sandbox.values import truthy


@function("LIKE")
def like(text: Any, pattern: Any, ignore_case: Any = False) -> bool:
    """Whether text fits a pattern with % and _."""
    fitting = like_pattern(to_string(pattern), truthy(ignore_case))
    return fitting.fullmatch(to_string(text)) is not None


@function("REGEX_TEST")
def regex_test(text: Any, pattern: Any, ignore_case: Any = False) -> bool:
    """Whether the pattern occurs."""
    return regex(to_string(pattern), truthy(ignore_case)).search(to_string(text)) is not None


@function("REGEX_MATCHES")
def regex_matches(text: Any, pattern: Any, ignore_case: Any = False) -> list[str] | None:
    """The match of the whole text and its groups; null if there is none."""
    match = regex(to_string(pattern), truthy(ignore_case)).fullmatch(to_string(text))
    return None if match is None else [match.group(), *(group or "" for group in match.groups())]


@function("REGEX_REPLACE")
def regex_replace(text: Any, pattern: Any, new: Any, ignore_case: Any = False) -> str:
    """Every match replaced; $1 stands for a group."""
    replacement = re.sub(r"\$(\d)", r"\\g<\1>", to_string(new).replace("\\", "\\\\"))
    return regex(to_string(pattern), truthy(ignore_case)).sub(replacement, to_string(text))


@function("REGEX_SPLIT")
def regex_split(text: Any, pattern: Any, ignore_case: Any = False, limit: Any = None) -> list[str]:
    """The parts between matches, and the groups of the matches."""
    parts = regex(to_string(pattern), truthy(ignore_case)).split(to_string(text))
    parts = [part for part in parts if part is not None]
    return parts if limit is None else parts[: whole(limit)]
