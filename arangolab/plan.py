"""What a run is going to do, as a value: scenario, rates, users, bounds and the objective."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Final, Literal

from arangolab.arrivals import KINDS, Kind
from arangolab.errors import InputError
from arangolab.measuring import PERCENTILES, Measuring
from arangolab.objective import Objective as Objective
from arangolab.parameters import Value, told
from arangolab.schedule import LOAD_RATIO as LOAD_RATIO
from arangolab.schedule import Ramp as Ramp
from arangolab.schedule import Search as Search
from arangolab.schedule import Step as Step
from arangolab.schedule import endurance_steps as endurance_steps

TransportName = Literal["pooled", "grequests"]
TRANSPORTS: Final[tuple[TransportName, ...]] = ("pooled", "grequests")
UserOrder = Literal["cyclic", "once", "random"]
USER_ORDERS: Final[tuple[UserOrder, ...]] = ("cyclic", "once", "random")
PROCESSES_MAX = 64
FOREVER_S = 12 * 3600.0
"""An open-ended run (panel) ends by itself after this many seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One scenario of a mix."""

    name: str
    source: str | None = None
    """Python source of the scenario's file; None for a built-in."""
    weight: int = 1
    """How many of the starts, in proportion to the other parts' weights."""
    params: Mapping[str, Value] = field(default_factory=dict)
    """The scenario's parameters, all of them."""
    changed: tuple[str, ...] = ()
    """Those that are not as they usually are."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "changed", tuple(self.changed))  # JSON has no tuples

    @property
    def called(self) -> str:
        """``login``, ``aql_read(batch=10)``: with the parameters that are not as usual."""
        said = told({name: self.params[name] for name in self.changed})
        return f"{self.name}({said})" if said else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything a runner needs to know, except passwords."""

    scenario: str = "login"
    """Name of the scenario, as shown and as used in metric names."""
    scenario_source: str | None = None
    """Python source of the scenario's file; None for a built-in."""
    scenario_params: Mapping[str, Value] = field(default_factory=dict)
    """Its parameters, all of them."""
    scenario_changed: tuple[str, ...] = ()
    """Those that are not as they usually are."""
    mix: tuple[Part, ...] = ()
    """The scenarios that are mixed, instead of the one above; (): that one alone."""
    title: str = ""
    """What stands over the figures; the runner puts "sandbox" into it for a sandbox."""
    steps: tuple[Step, ...] = (Step(rate_per_s=1.0),)
    """Rates in the order they are driven."""
    arrivals: Kind = "constant"
    """How starts are spaced at a rate: evenly, or at random as independent users come."""
    loop_users: int = 0
    """Users in a closed loop instead of arrivals, for comparison; 0: arrivals."""
    think_s: float = 0.0
    """Pause of a user in a closed loop between two scenarios."""
    stop_when_maxed_out: bool = False
    """Leave out the remaining steps once one does not meet the objective."""
    search: Search | None = None
    """Find the capacity: after the first step, what was judged decides which rate comes next."""
    calm_s: float = 0.0
    """Seconds given to what is in flight to end before the next step of a ramp that stops when
    maxed out, at most; 0: the next step follows at once."""
    endurance: bool = False
    """One rate is held for long, judged window by window: what drifts is told at the end."""
    ramp_down: bool = False
    """Once maxed out, go back down the rates that were sustained, until one is again."""
    objective: Objective = field(default_factory=Objective)
    """What each step is judged by."""
    first_user: int = 1
    """First user number of the range, included."""
    last_user: int = 10_000
    """Last user number of the range, included."""
    user_order: UserOrder = "cyclic"
    """Round and round the range, each user once (then the run ends), or at random."""
    processes: int = 1
    """Injector processes; each takes its share of the arrivals and of the users."""
    max_in_flight: int = 500
    """Scenarios in flight over all processes; an arrival beyond it is shed and counted."""
    warm_up_s: float = 0.0
    """Seconds at the first step's rate before the first step; not judged."""
    drain_s: float = 10.0
    """Seconds given to scenarios in flight after the last start, at most."""
    interval_s: float = 1.0
    """Seconds between two samples."""
    transport: TransportName = "pooled"
    """Connections kept and used again, or one for each request as in the blog series."""
    connect_timeout_s: float = 65.0
    """Seconds for a TCP connection to come up, or for one of the pool's to become free."""
    read_timeout_s: float = 70.0
    """Seconds for a reply.  Both are above the server's 60 s wait for a V8 context: what it says
    then is heard, instead of a timeout of the test's own making."""
    seed: int = 1
    """Seed of the scenarios' random generators."""
    measuring: Measuring = field(default_factory=Measuring)
    """What is measured besides, and where else figures go."""
    attached: bool = True
    """The run ends with the process that started it; False lets it go on."""

    def __post_init__(self) -> None:
        faults = _faults(self)
        if faults:
            raise InputError(
                "The run cannot be planned: " + "; ".join(faults) + ".",
                hint="correct the values named above.",
            )

    @property
    def parts(self) -> tuple[Part, ...]:
        """The scenarios that are played; one, unless it is a mix."""
        return self.mix or (
            Part(
                name=self.scenario,
                source=self.scenario_source,
                params=self.scenario_params,
                changed=self.scenario_changed,
            ),
        )

    @property
    def called(self) -> str:
        """What is played, with the parameters that are not as they usually are."""
        if not self.mix:
            return self.parts[0].called
        unusual = [part.called for part in self.mix if part.changed]
        return f"{self.scenario} with {' and '.join(unusual)}" if unusual else self.scenario

    @property
    def params(self) -> dict[str, Value]:
        """All parameters by the names that a run is told them by: in a mix ``login.depth``."""
        return {
            f"{part.name}.{name}" if self.mix else name: value
            for part in self.parts
            for name, value in part.params.items()
        }

    @property
    def duration_s(self) -> float:
        """Seconds from the first start to the last, at most; inf when a step is open-ended."""
        if self.search is not None:
            return self.warm_up_s + self.search.longest_s
        lasting = [math.inf if s.hold_s is None else s.rise_s + s.hold_s for s in self.steps]
        return self.warm_up_s + sum(lasting)

    @property
    def deadline_s(self) -> float:
        """Seconds after which every process of the run ends, whatever happens."""
        duration = min(self.duration_s, FOREVER_S)
        return duration + self.drain_s + self.read_timeout_s + 30.0

    def to_json(self) -> str:
        """The plan as JSON text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """The plan out of :meth:`to_json`'s text."""
        raw = json.loads(text)
        raw["steps"] = tuple(Step(**s) for s in raw["steps"])
        raw["mix"] = tuple(Part(**p) for p in raw.get("mix", ()))
        raw["scenario_changed"] = tuple(raw.get("scenario_changed", ()))
        raw["objective"] = Objective(**raw["objective"])
        raw["search"] = Search(**raw["search"]) if raw.get("search") else None
        measuring = raw.get("measuring", {})
        percentiles = tuple(measuring.pop("percentiles", PERCENTILES))
        raw["measuring"] = Measuring(percentiles=percentiles, **measuring)
        return cls(**raw)


def parse_user_range(text: str) -> tuple[int, int]:
    """``"A:B"`` as (A, B), both included.

    Raises InputError when it is not two whole numbers of that form, or empty.
    """
    first, sep, last = text.partition(":")
    try:
        a, b = int(first), int(last)
    except ValueError:
        sep = ""
        a = b = 0
    if not sep:
        raise InputError(f"The user range {text!r} is not of the form A:B.", hint="--users 1:10000")
    if a < 1 or b < a:
        raise InputError(
            f"The user range {text} is empty: it must start at 1 or later and not end before.",
            hint="--users 1:10000",
        )
    return a, b


def _most_processes(plan: Plan) -> int:
    users = plan.last_user - plan.first_user + 1
    return min(PROCESSES_MAX, users, plan.max_in_flight)


def _faults(plan: Plan) -> list[str]:
    """Every fault of the plan, each as a clause."""
    rules = [
        (not plan.steps, "there is no step"),
        (plan.first_user < 1, f"the first user is {plan.first_user}, users start at 1"),
        (
            plan.last_user < plan.first_user,
            f"the user range {plan.first_user}:{plan.last_user} is empty",
        ),
        (not 1 <= plan.processes <= PROCESSES_MAX, f"{plan.processes} injector processes"),
        (
            1 <= plan.last_user - plan.first_user + 1 < plan.processes,
            f"{plan.processes} injector processes for fewer users",
        ),
        (
            plan.max_in_flight < plan.processes,
            f"a bound of {plan.max_in_flight} in flight for {plan.processes} processes",
        ),
        (any(p.weight < 1 for p in plan.mix), "a scenario of the mix without weight"),
        (plan.transport not in TRANSPORTS, f"a transport {plan.transport!r}"),
        (plan.user_order not in USER_ORDERS, f"users in the order {plan.user_order!r}"),
        (plan.arrivals not in KINDS, f"arrivals {plan.arrivals!r} (there are {', '.join(KINDS)})"),
        (plan.loop_users < 0 or plan.think_s < 0, "a negative number of users, or think time"),
        (
            plan.loop_users > plan.max_in_flight,
            f"{plan.loop_users} users in a loop, with a bound of {plan.max_in_flight} in flight",
        ),
        (plan.loop_users > 0 and len(plan.steps) > 1, "a closed loop has no steps of rates"),
        (0 < plan.loop_users < plan.processes, "fewer users in a loop than injector processes"),
        (plan.interval_s <= 0, f"a sampling interval of {plan.interval_s} s"),
        (min(plan.warm_up_s, plan.drain_s, plan.calm_s) < 0, "a negative warm-up or drain time"),
        (
            max((s.processes or 0 for s in plan.steps), default=0) > _most_processes(plan),
            "more injector processes in a step than are possible, or than there are users",
        ),
        (
            any(s.processes for s in plan.steps) and not plan.stop_when_maxed_out,
            "processes added by the steps of a run that does not stop when maxed out",
        ),
        (plan.search is not None and plan.loop_users > 0, "a closed loop finds no capacity"),
        (
            plan.connect_timeout_s <= 0 or plan.read_timeout_s <= 0,
            "a timeout that is not above 0 s",
        ),
    ]
    faults = [text for wrong, text in rules if wrong]
    faults += itertools.chain(*map(_step_faults, plan.steps))
    if any(s.hold_s is None for s in plan.steps[:-1]):
        faults.append("only the last step may be open-ended")
    if plan.search is not None:
        faults += plan.search.faults()
    return faults + plan.measuring.faults()


def _step_faults(step: Step) -> Iterator[str]:
    if not math.isfinite(step.rate_per_s) or step.rate_per_s < 0:
        yield f"a rate of {step.rate_per_s:g} scenarios/s"
    if step.hold_s is not None and not (math.isfinite(step.hold_s) and step.hold_s > 0):
        yield f"a hold of {step.hold_s:g} s"
    if not (math.isfinite(step.rise_s) and step.rise_s >= 0):
        yield f"a rise of {step.rise_s:g} s"


USUAL: Final = Plan()
"""What is usual where nothing is told: the defaults of every command, function and panel."""
