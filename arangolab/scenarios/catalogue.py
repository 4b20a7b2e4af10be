"""Which scenarios there are: those that ship, files, and mixes of both."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, TypedDict

from arangolab.errors import InputError, ScenarioError
from arangolab.parameters import Parameter, Value, changed, settled
from arangolab.plan import Part
from arangolab.scenarios import reading, written

BUILT_IN: Final = (
    "login",
    "login_stream",
    "aql_read",
    "transaction",
    "transaction_stream",
)
"""Names of the scenarios that ship, each a module of :mod:`arangolab.scenarios`."""
WITHOUT_JAVASCRIPT: Final = {"login": "login_stream", "transaction": "transaction_stream"}
"""Those that run JavaScript on the server, and what does the same without."""
MIX: Final = "mix"
"""What a mix of scenarios is called."""
HOOKS: Final = frozenset({"setup", "teardown"})


def find(name_or_path: str) -> tuple[str, str | None]:
    """(name, source): a built-in's name and None, or a file's stem and its text.

    A scenario that was written in a cell goes by its name as well.  Raises ScenarioError when
    there is neither such a built-in nor such a file, or the file does not compile.
    """
    if name_or_path in BUILT_IN:
        return name_or_path, None
    in_a_cell = written.source_of(name_or_path)
    if in_a_cell is not None:
        return name_or_path, in_a_cell
    path = Path(name_or_path)
    if path.suffix != ".py":
        raise ScenarioError(
            f"There is no scenario {name_or_path!r}.",
            hint=f"one of {', '.join((*BUILT_IN, *written.names()))}, or the path of a .py file.",
        )
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(
            f"The scenario file {name_or_path} cannot be read ({error}).",
            hint="check the path.",
        ) from None
    check_source(path.stem, source)
    return path.stem, source


def parts_of(text: str) -> tuple[Part, ...]:
    """The scenarios of ``"login*3, aql_read"``, each with its weight (1 unless told).

    Raises ScenarioError for what is no scenario, a weight that is no whole number above 0, or
    two scenarios of one name.
    """
    parts = []
    for piece in text.split(","):
        named, star, weight = piece.strip().rpartition("*")
        name, source = find(named.strip() if star else weight)
        if star and not (weight.strip().isdecimal() and int(weight) > 0):
            raise ScenarioError(
                f"The weight {weight.strip()!r} of {name} is not a whole number above 0.",
                hint="login*3,aql_read plays three logins for each read.",
            )
        parts.append(Part(name=name, source=source, weight=int(weight) if star else 1))
    names = [part.name for part in parts]
    if len(set(names)) < len(names):
        raise ScenarioError(
            f"The mix {text!r} names a scenario twice.", hint="weights, or other file names."
        )
    return tuple(parts)


def text_of(parts: Iterable[Part]) -> str:
    """What :func:`parts_of` takes for those parts.

    Sources that are none of a cell's are known by their names from now on.
    """
    said = []
    for part in parts:
        if part.source is not None and written.source_of(part.name) is None:
            written.keep(part.name, part.source)
        said.append(part.name if part.weight == 1 else f"{part.name}*{part.weight}")
    return ", ".join(said)


class Planned(TypedDict, total=False):
    """The fields of a Plan that say what is played."""

    scenario: str
    scenario_source: str | None
    scenario_params: Mapping[str, Value]
    scenario_changed: tuple[str, ...]
    mix: tuple[Part, ...]


def planned(text: str, params: Mapping[str, object] | None = None) -> Planned:
    """The fields of a Plan for one scenario or a mix of several.

    ``params``: values for its parameters, by name.  In a mix ``login.depth`` means one scenario's;
    ``depth`` alone will do where no other one of the mix has a parameter of that name.  Raises
    ScenarioError, InputError.
    """
    parts = parts_of(text)
    given = _by_part(parts, params or {})
    parts = tuple(_told(part, given[part.name]) for part in parts)
    if len(parts) == 1:
        return {
            "scenario": parts[0].name,
            "scenario_source": parts[0].source,
            "scenario_params": parts[0].params,
            "scenario_changed": parts[0].changed,
        }
    return {"scenario": MIX, "mix": parts}


def parameters_of(text: str) -> dict[str, Parameter]:
    """The parameters of a scenario or a mix, by the name that :func:`planned` takes for each.

    Raises ScenarioError.
    """
    parts = parts_of(text)
    mixed = len(parts) > 1
    return {
        f"{part.name}.{one.name}" if mixed else one.name: one
        for part in parts
        for one in reading.parameters(part.name, part.source)
    }


def _told(part: Part, given: Mapping[str, object]) -> Part:
    known = reading.parameters(part.name, part.source)
    values = settled(part.name, known, given)
    return replace(part, params=values, changed=changed(known, values))


def _by_part(parts: tuple[Part, ...], params: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """What each scenario is told, by its name."""
    found: dict[str, dict[str, object]] = {part.name: {} for part in parts}
    for asked, value in params.items():
        whose, dot, name = asked.rpartition(".")
        if dot and whose not in found:
            raise InputError(
                f"The parameter {asked} is of no scenario that is played.",
                hint=f"{' or '.join(f'{part.name}.{name}' for part in parts)}.",
            )
        owners = [whose] if dot else _owners(parts, name)
        if len(owners) > 1:
            raise InputError(
                f"Several scenarios of the mix have a parameter {name}.",
                hint=f"{' or '.join(f'{owner}.{name}' for owner in owners)}.",
            )
        if name in found[owners[0]]:
            raise InputError(f"The parameter {asked} is given twice.", hint="one of them.")
        found[owners[0]][name] = value
    return found


def _owners(parts: tuple[Part, ...], name: str) -> list[str]:
    """The scenarios that have the parameter; the first one where none has, to say so."""
    owners = [
        part.name
        for part in parts
        if any(one.name == name for one in reading.parameters(part.name, part.source))
    ]
    return owners or [parts[0].name]


def check_server(parts: Iterable[Part], version: str) -> None:
    """Raise ScenarioError when a built-in needs JavaScript and the server's version has none."""
    major = version.split(".", 1)[0]
    if not major.isdecimal() or int(major) < 4:
        return
    for part in parts:
        if part.source is None and part.name in WITHOUT_JAVASCRIPT:
            raise ScenarioError(
                f"The scenario {part.name} runs a JavaScript transaction, and the server speaks "
                f"ArangoDB {version}, which has none.",
                hint=f"{WITHOUT_JAVASCRIPT[part.name]}, the same as a stream transaction.",
            )


def check_source(name: str, source: str) -> None:
    """Raise ScenarioError, with line and column, when the source is not Python."""
    reading.tree(name, source)


def hooks_of(name: str, source: str | None) -> frozenset[str]:
    """Which of ``setup`` and ``teardown`` the source defines, without running it."""
    if source is None:
        return frozenset()
    found = {
        node.name
        for node in ast.walk(reading.tree(name, source))
        if isinstance(node, ast.FunctionDef) and node.name in HOOKS
    }
    return frozenset(found)
