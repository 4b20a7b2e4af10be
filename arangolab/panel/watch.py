"""Watch a run that was started by a program: its live graphs, frozen when it ends."""

from __future__ import annotations

import asyncio
from typing import Any

from arangolab.panel import words
from arangolab.panel.news import News
from arangolab.panel.stage import Stage
from arangolab.runfile.follower import Follower
from arangolab.runfile.reader import Run
from arangolab.runner.handle import LiveRun


async def watch(live: LiveRun, every_s: float = 1.0) -> Run:
    """Show a run in live graphs while it goes on.

    In a cell: ``await watch(arangolab.ramp(target))``.  Returns once the run has ended and the
    graphs have become what a saved notebook keeps.  An interrupt stops the run.
    """
    from arangolab.figures import LiveFigure

    run = live.run
    figure = LiveFigure(run.title, run.server)
    stage = Stage()
    stage.play(figure.widget)
    stage.keep([words.lost(live.path.name, widgets="graphs")])
    stage.show()
    view = _View(run, figure)
    ended = asyncio.ensure_future(_end_of(live))
    try:
        while not ended.done():
            view.update(view.follower.words())
            await asyncio.wait((ended,), timeout=every_s)
        await ended
    finally:
        ended.cancel()
        view.update(str((run.verdict or {}).get("sentence") or run.ending))
        stage.freeze(await asyncio.to_thread(figure.freeze))
        stage.keep([])
        stage.settle()
    return run


class _View:
    """What was read of the run file so far, and the figure it is drawn in."""

    def __init__(self, run: Run, figure: Any) -> None:
        from arangolab.figures.knee import knee_of

        self.follower = Follower(run)
        self._run = run
        self._figure = figure
        self._news = News(run)
        self._knee_of = knee_of

    def update(self, subtitle: str) -> None:
        """Draw what is new, with the words over it."""
        steps = self._run.steps()
        self._figure.update(
            self._news.samples(),
            steps=steps,
            events=self._run.events().to_dict("records"),
            subtitle=subtitle,
            latency=self._news.latency(),
            shares=self._news.shares(steps),
            knee=self._knee_of(self._run),
        )


async def _end_of(live: LiveRun) -> Run:
    return await live
