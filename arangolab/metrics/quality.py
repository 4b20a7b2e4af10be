"""How far a source of samples can be trusted: its clock, what it lost, what it cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """One source of a run, from its start until now."""

    source: str
    """injector, statsd, proc, host, arango, collectd."""
    what: str
    """What is counted: scenarios, lines, samples, scrapes, rows."""
    clock: str
    """Whose clock stamps the samples."""
    resolution: str
    """How fine its times and values are."""
    delay_s: float | None
    """Seconds from the moment that is measured to the moment it is known; None: not known."""
    received: int
    lost: int
    cpu_s: float | None
    """CPU time that measuring took, in the runner or in a process of its own; None: not known."""
    bad: int = 0
    """Of what was received, what could not be understood."""
    host: str = ""
    """Where it is another host than the runner's."""
