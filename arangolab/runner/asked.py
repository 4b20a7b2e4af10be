"""What threads and signal handlers ask of the conductor, and how a run ends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Asked:
    """The wish to end the run, from outside of the conductor's thread."""

    stop_because: str = ""
    """Why the run is to end, as a sentence; empty while it is not."""
    begun: bool = False
    """There is a run file, or will be: from now on a run has to be ended in order."""

    def stop(self, because: str) -> None:
        """Ask for the end, at once and without a drain; the first reason stays."""
        self.stop_because = self.stop_because or because


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ends."""

    status: str
    """completed, stopped or failed."""
    sentence: str
    drain_s: float
    """Seconds given to scenarios in flight."""
