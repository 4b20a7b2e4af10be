"""The messages between a runner and its injectors: JSON objects, one a line.

The runner writes Setup, Go, Pace, Bound and Stop to the injector's stdin (a password travels
nowhere else); the injector writes Ready, Interval, FirstError, Dry,
Fatal and End to its stdout.
Times are seconds since the run's start on the host's monotonic clock
(``time.monotonic() - t0_monotonic_s``; CLOCK_MONOTONIC is one clock for all processes of a host).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar, Literal

from arangolab.arrivals import Kind
from arangolab.injector.relay import Further
from arangolab.plan import Part, TransportName, UserOrder

Errand = Literal["", "setup", "teardown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """First message: everything an injector needs before it can say it is ready."""

    type: ClassVar[str] = "setup"
    worker: int
    """Number of this injector, from 0; part of its metric names (``clients.w0``)."""
    urls: tuple[str, ...]
    user: str
    password: str = field(repr=False)
    database: str
    ca_file: str | None = None
    """Certificates to trust instead of this host's."""
    transport: TransportName = "pooled"
    parts: tuple[Part, ...]
    """The scenarios to play; one, unless it is a mix."""
    errand: Errand = ""
    """Call the scenarios' setup or teardown, and end; "": play them."""
    user_order: UserOrder = "cyclic"
    max_in_flight: int
    """Scenarios in flight of this injector alone."""
    statsd_host: str
    statsd_port: int
    statsd_further: tuple[Further, ...] = ()
    """Servers that get the same lines."""
    seed: int = 1
    arrivals: Kind = "constant"
    """How the starts are spaced (arrivals.py)."""
    closed: bool = False
    """Users in a closed loop instead of arrivals."""
    think_s: float = 0.0
    """Pause of a user in a closed loop between two scenarios."""
    interval_s: float = 1.0
    deadline_s: float
    """Seconds after its start at which the injector ends by itself."""
    connect_timeout_s: float
    read_timeout_s: float

    def __post_init__(self) -> None:
        # JSON has neither tuples nor classes
        object.__setattr__(self, "urls", tuple(self.urls))
        parts = [part if isinstance(part, Part) else Part(**part) for part in self.parts]
        object.__setattr__(self, "parts", tuple(parts))
        further = [
            one if isinstance(one, Further) else Further(**one) for one in self.statsd_further
        ]
        object.__setattr__(self, "statsd_further", tuple(further))


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """The run's zero of time; sent once all injectors are ready."""

    type: ClassVar[str] = "go"
    t0_monotonic_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The global schedule from an anchor on, and this injector's share of it (pacing.Pace).

    It governs the starts ``g >= anchor_count``; earlier ones still belong to the pace before.
    Anchors may lie in the future: the pace waits for its turn, and replaces those that were to
    begin at its anchor or later.  For an exact end send the pace of rate 0 ahead of time,
    anchored at the end, then Stop after it; where ``index`` or ``of`` changes, anchor the new
    paces a little ahead of now, so that all injectors change at the same start.
    """

    type: ClassVar[str] = "pace"
    anchor_s: float
    anchor_count: float
    rate_per_s: float
    rise_s: float = 0.0
    from_rate_per_s: float = 0.0
    loop_users: int = 0
    """Users of this injector in a closed loop, instead of arrivals."""
    index: int
    of: int
    first_user: int
    last_user: int
    """Users of this injector alone, both included."""
    max_in_flight: int
    """Scenarios in flight of this injector alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Start nothing more; give what is in flight ``drain_s`` seconds; report; end.

    Where a pace of rate 0 lies less than half a second ahead, the starts due before it are
    still made.
    """

    type: ClassVar[str] = "stop"
    drain_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Connected, scenario loaded."""

    type: ClassVar[str] = "ready"
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """What happened since the previous interval (counts) and how things stand (levels)."""

    type: ClassVar[str] = "interval"
    t_s: float
    """End of the interval."""
    intended: int = 0
    """Arrivals due in the interval."""
    started: int = 0
    shed: int = 0
    """Arrivals not started: the bound was reached, or they were still overdue at the stop."""
    finished: int = 0
    """Scenarios that ended, failed ones included."""
    failed: int = 0
    abandoned: int = 0
    """In flight when the run was stopped without drain, or when the drain time was over."""
    reused: int = 0
    """Starts of a user who was still in flight (conflicts of the test's own making)."""
    retries: int = 0
    """What scenarios did once more by their own wish; the transport sends nothing twice."""
    in_flight: int = 0
    connections_open: int = 0
    connections_opened: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    statsd_lines: int = 0
    statsd_packets: int = 0
    cpu_s: float = 0.0
    """User + system CPU seconds of the injector process in the interval."""
    loop_lag_s: float = 0.0
    """Longest delay of the event loop in the interval."""
    rss_bytes: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    """Failed scenarios by kind of error (see FirstError.kind)."""
    replies: dict[str, int] = field(default_factory=dict)
    """Requests by method and status, with ``/errorNum`` (``POST 500/4``) or what befell them."""
    histograms: dict[str, str] = field(default_factory=dict)
    """HdrHistograms of the interval (histogram.Histogram.encode): ``lateness``, ``service``,
    ``response`` of whole scenarios, ``step:NAME`` for each step's service time and
    ``step_response:NAME`` for its response time (from when it would have begun, had its scenario
    begun when due), ``request`` of each request's, and in a mix ``service:NAME`` and
    ``response:NAME`` of each scenario's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstError:
    """The first error of a kind, as it came."""

    type: ClassVar[str] = "first_error"
    t_s: float
    kind: str
    """What groups errors, e.g. ``500/4 transaction`` (HTTP status/errorNum step)."""
    step: str
    status: int
    """HTTP status; 0 when there was no reply."""
    error_num: int
    """ArangoDB's errorNum; 0 when there was none."""
    message: str
    self_inflicted: bool = False
    """The test caused it itself (1200 on a user it was driving twice at once)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dry:
    """No user or row is left for this injector; it starts nothing more."""

    type: ClassVar[str] = "dry"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fatal:
    """The injector cannot go on; it ends after this message."""

    type: ClassVar[str] = "fatal"
    message: str
    hint: str = ""
    kind: str = "RunError"
    """Name of the class of the error in arangolab.errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Last message."""

    type: ClassVar[str] = "end"
    reason: str
    statsd_losses: dict[str, int] = field(default_factory=dict)
    """Lines that could not be sent to further statsd servers, by HOST:PORT."""


Message = Setup | Go | Pace | Stop | Ready | Interval | FirstError | Dry | Fatal | End
_KINDS: dict[str, type[Any]] = {
    kind.type: kind
    for kind in (Setup, Go, Pace, Stop, Ready, Interval, FirstError, Dry, Fatal, End)
}


def encode(message: Message) -> bytes:
    """The message as one line, newline included."""
    return json.dumps({"type": message.type, **asdict(message)}).encode() + b"\n"


def decode(line: bytes | str) -> Message:
    """The message of one line; raises ValueError when it is none of this protocol's."""
    raw = json.loads(line)
    kind = _KINDS.get(raw.pop("type", ""))
    if kind is None:
        raise ValueError("not a message of the injector protocol")
    known = {f.name for f in fields(kind)}
    message: Message = kind(**{k: v for k, v in raw.items() if k in known})
    return message
