"""A run's file read again and again: what the panel shows of it."""

from __future__ import annotations

import time

from arangolab import checks
from arangolab.figures import LiveFigure
from arangolab.figures.knee import knee_of
from arangolab.panel import words
from arangolab.panel.news import News
from arangolab.panel.progress import Stand, searching, stand_of
from arangolab.runfile.follower import left_words
from arangolab.runfile.reader import Run, StepRow


class Following:
    """The live figure of a run, and its latest figures, errors, events and warnings."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._plan = run.plan
        self._server = run.server
        self._news = News(run)
        self._event_cursor = 0
        self.figure = LiveFigure(run.title, self._server)
        self.now: dict[str, float] = {}
        """The latest samples of the source injector."""
        self.errors: list[tuple[int, str, str]] = []
        """(count, kind, first message), the most frequent ones."""
        self.errors_in_all = 0
        self.events: list[tuple[float, str, str]] = []
        """(t_s, kind, text)."""
        self.warnings: list[str] = []
        self.steps: list[StepRow] = []
        """The rates that were held so far."""

    def read(self) -> None:
        """Take in what is new, and draw it."""
        rows = self._news.samples()
        self.now |= {name: value for _, source, name, value in rows if source == "injector"}
        new, self._event_cursor = self._run.new_events(self._event_cursor)
        self.events += new
        steps = self.steps = self._run.steps()
        self.warnings = [*checks.warnings_now(self.now), *words.warnings(steps)]
        errors = self._run.query(
            "SELECT count, kind, first_message, sum(count) OVER () FROM errors"
            " ORDER BY count DESC LIMIT 5"
        )
        self.errors = [(count, kind, message) for count, kind, message, _ in errors]
        self.errors_in_all = errors[0][3] if errors else 0
        events = [{"time_s": t_s, "kind": kind, "text": text} for t_s, kind, text in self.events]
        verdict = self._run.verdict or {}
        self.figure.update(
            rows,
            steps=steps,
            events=events,
            subtitle=verdict.get("sentence", ""),
            latency=self._news.latency(),
            shares=self._news.shares(steps),
            knee=knee_of(self._run) if verdict else None,
        )

    @property
    def more(self) -> bool:
        """Whether there is more to be read at once: a run that went on for long."""
        return self._news.more

    def words(self) -> str:
        """How the run stands while it goes on."""
        if any(kind == "drain" for _, kind, _ in self.events):
            return words.draining(self.now, scenario=self._plan.scenario, errors=self.errors_in_all)
        since_s = self._since_s()
        return words.running(
            self.now,
            scenario=self._plan.scenario,
            since_s=float(round(since_s)),
            left=left_words(self._run.left_s),
            errors=self.errors_in_all,
        )

    def _since_s(self) -> float:
        return max(0.0, time.time() - self._run.started_unix_s)

    def stand(self) -> Stand | None:
        """How far it has come; None when it goes on until it is stopped."""
        outlook = self._run.meta("outlook") if self._plan.search is not None else None
        if outlook:
            return searching(outlook, self._since_s())
        return stand_of(
            since_s=self._since_s(),
            duration_s=self._plan.duration_s,
            steps=self.steps,
            planned=len(self._plan.steps),
            may_end=self._plan.stop_when_maxed_out,
        )

    def ending(self) -> str:
        """How the run ended, what came out, where it is."""
        verdict = (self._run.verdict or {}).get("sentence", "")
        return " ".join(
            t for t in (self._run.ending, verdict, f"Recorded in {self._run.path.name}.") if t
        )
