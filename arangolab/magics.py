"""``%%scenario NAME``: a scenario written in a cell, checked there and then.

    %load_ext arangolab

    %%scenario visit --dry-run
    def visit(session):
        with session.step("read"):
            ...

The text of the cell is what a file would hold; it is shipped to the injectors with the run, and
stored in the run's file.  ``--dry-run`` lets one user play it once against ``target``.
"""

from __future__ import annotations

from typing import Any

from IPython.core.magic import Magics, cell_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from arangolab.errors import InputError, ScenarioError
from arangolab.parameters import assignments
from arangolab.scenarios import written
from arangolab.scenarios.catalogue import BUILT_IN, MIX
from arangolab.target import Target, connect


def register(shell: Any) -> None:
    """Give the shell the magics."""
    shell.register_magics(ArangolabMagics)


@magics_class
class ArangolabMagics(Magics):
    """arangolab's cell magics."""

    @magic_arguments()
    @argument("name", help="what the scenario is called in runs and figures")
    @argument("--dry-run", action="store_true", help="let one user play it once, now")
    @argument("--param", action="append", default=[], help="NAME=VALUE, for the dry run")
    @argument("--user", type=int, default=1, help="which user plays it (default 1)")
    @argument(
        "--target",
        default="target",
        help="the variable that holds the target (default: target; without such a variable "
        "the environment tells which server)",
    )
    @cell_magic
    def scenario(self, line: str, cell: str) -> None:
        """Write a scenario; play it by ``arangolab.start(target, scenario="NAME")``."""
        asked = parse_argstring(ArangolabMagics.scenario, line)
        if asked.name in (*BUILT_IN, MIX):
            raise ScenarioError(
                f"{asked.name} is the name of a scenario that ships.", hint="another name."
            )
        source = "\n" + cell  # so that lines are counted as in the cell, from the magic's own
        seen = written.outline(asked.name, source)
        written.keep(asked.name, source)
        steps = f"steps {', '.join(seen.steps)}" if seen.steps else "no steps of its own"
        takes = f"; parameters {', '.join(map(str, seen.parameters))}" if seen.parameters else ""
        print(f'Scenario {asked.name}: {steps}{takes}. Play it as scenario="{asked.name}".')  # noqa: T201
        if asked.dry_run:
            from arangolab.dryrun import dry_run

            params = assignments(asked.param)
            seen_by = dry_run(
                self._target(asked.target), asked.name, user=asked.user, params=params
            )
            print(seen_by)  # noqa: T201

    def _target(self, variable: str) -> Target:
        """The target in that variable, else that of the environment."""
        shell: Any = self.shell
        found = shell.user_ns.get(variable)
        if found is None:
            target = Target.from_environment()
            connect(target)
            return target
        if not isinstance(found, Target):
            raise InputError(
                f"The variable {variable} holds no target.",
                hint="--target with the name of what arangolab.connect returned.",
            )
        return found
