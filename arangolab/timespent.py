"""Where a scenario's time went: waiting for its start, its steps, the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from arangolab import units

STEP: Final = "step:"
MAIN_SHARE: Final = 0.5
"""A step with this share of the time is where it went."""
ROSE: Final = 1.5
"""A step that takes this many times as long as before suffers from the load."""
SHOWN_SHARE: Final = 0.01
ROUNDING: Final = 0.01
"""Steps that add up to more than the whole by this share lie within one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Means per scenario that ended, in milliseconds."""

    lateness_ms: float
    """From the intended start to the actual one: the injector's own."""
    service_ms: float
    """From the actual start to the end."""
    steps_ms: Mapping[str, float]
    """Each step of the scenario."""
    server_queue_ms: float | None = None
    """What the server's replies tell of its queue (of requests of late, not of this one)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """A part of a scenario's response time."""

    name: str
    """lateness, ``step:NAME``, rest."""
    label: str
    calm_ms: float | None
    """While the load was sustained; None: there was no such time."""
    burn_ms: float
    """In the first step that was not sustained."""
    share: float
    """Of the response time then."""


def spent(calm: Times | None, burn: Times) -> tuple[Spent, ...]:
    """The parts, the largest first; they add up to the mean response time."""
    before = _parts(calm) if calm else {}
    now = _parts(burn)
    whole = sum(now.values())
    found = [
        Spent(
            name=name,
            label=_label(name),
            calm_ms=before.get(name),
            burn_ms=ms,
            share=ms / whole if whole else 0.0,
        )
        for name, ms in now.items()
    ]
    return tuple(sorted(found, key=lambda one: -one.burn_ms))


def sentence(parts: tuple[Spent, ...], server_queue_ms: float | None = None) -> str:
    """``A scenario took 2 s: step transaction 1.9 s (before 200 ms), ...``; "" without parts."""
    whole_ms = sum(one.burn_ms for one in parts)
    if not whole_ms:
        return ""
    words = []
    for one in parts:
        if one.share >= SHOWN_SHARE:
            before = "" if one.calm_ms is None else f" (before {_ms(one.calm_ms)})"
            words.append(f"{one.label} {_ms(one.burn_ms)}{before}")
    text = f"A scenario took {_ms(whole_ms)} in the mean: {', '.join(words)}."
    if server_queue_ms is not None:
        text += f" Requests had waited {_ms(server_queue_ms)} in the server's queue, as it tells."
    return text


def slow_step(parts: tuple[Spent, ...]) -> Spent | None:
    """The step that takes most of the time at any load; None where load made it so."""
    main = parts[0] if parts else None
    if main is None or not main.name.startswith(STEP) or main.share < MAIN_SHARE:
        return None
    return main if main.calm_ms is None or main.burn_ms <= ROSE * main.calm_ms else None


def _parts(times: Times) -> dict[str, float]:
    """Lateness, steps and the rest; a step within another one counts with the outer one."""
    found = {"lateness": times.lateness_ms}
    left_ms = times.service_ms * (1 + ROUNDING)
    for name, ms in sorted(times.steps_ms.items(), key=lambda step: -step[1]):
        if ms <= left_ms:
            found[f"{STEP}{name}"] = ms
            left_ms -= ms
    rest = times.service_ms - sum(ms for name, ms in found.items() if name != "lateness")
    return {**found, "rest": max(0.0, rest)}


def _label(name: str) -> str:
    if name.startswith(STEP):
        return f"step {name.removeprefix(STEP)}"
    return {"lateness": "the injector's lateness", "rest": "between the steps"}[name]


def _ms(value_ms: float) -> str:
    return units.seconds(value_ms / 1e3)
