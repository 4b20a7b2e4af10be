"""What is seldom set, folded away: load, connections, metrics, and what the run is called."""

from __future__ import annotations

from typing import Any, Final

import ipywidgets as widgets

from arangolab.measuring import Measuring, folder_of, parse_percentiles
from arangolab.panel.fields import Check, Choice, Field, Number, Words, side_by_side
from arangolab.plan import TRANSPORTS, USER_ORDERS, USUAL, Plan

_FOLDED, _OPEN = "caret-right", "caret-down"
_ORDER_TIP: Final = "round and round the range, each user once (then the run ends), or at random"
_WARM_UP_TIP: Final = "before a rate by hand or a ramp counts; a search has its own"
_ADDRESS: Final = "127.0.0.1:8125"
_HEAD: Final = "color: var(--jp-ui-font-color1, inherit); font-weight: 600"


class More:
    """Fields below a button that unfolds them."""

    def __init__(self) -> None:
        self._load()
        self._connections()
        self._metrics()
        self._result()
        self.fold = widgets.ToggleButton(
            value=False,
            description="More settings",
            icon=_FOLDED,
            tooltip="load, connections, metrics (collectd, statsd, percentiles), title and file",
            layout=widgets.Layout(width="150px"),
        )
        self._inside = self._laid_out()
        self.fold.observe(lambda change: self._unfold(change["new"]), "value")
        self._unfold(False)
        self.box = widgets.VBox([self.fold, self._inside], layout=widgets.Layout(width="100%"))
        self.show(USUAL)

    def _load(self) -> None:
        self._order = Choice("Order of users", USER_ORDERS, USUAL.user_order, _ORDER_TIP)
        self._rise = Number("Rise", "s", tip="in which each rate is reached; 0: at once")
        self._warm_up = Number("Warm-up", "s", tip=_WARM_UP_TIP)
        self._drain = Number("Drain", "s at most", tip="for what is in flight to end")
        self._loop = Number(
            "Closed loop", "users (0: no)", whole=True,
            tip="instead of a rate: so many users, each of whom starts again once done; for "
            "comparison, it finds no capacity",
        )  # fmt: skip
        self._think = Number("Think time", "s", step=0.5, tip="of such a user between scenarios")
        self._seed = Number("Seed", "", whole=True, tip="of the scenarios' random numbers")
        self.auto = Check(
            "Processes", "as many as the rate needs", tip="measured first, in a few seconds"
        )

    def _connections(self) -> None:
        self._transport = Choice(
            "Transport", TRANSPORTS, USUAL.transport,
            "connections used again, or one for each request as in the blog",
        )  # fmt: skip
        self._connect = Number("Connecting", "s at most", tip="for a connection to come up")
        self._read = Number(
            "Reply", "s at most", tip="longer than the server's own wait for a V8 context, usually"
        )

    def _metrics(self) -> None:
        self._percentiles = Words(
            "Percentiles", example="50, 95, 99.9", tip="of the timings that come by statsd"
        )
        self._group = Check("Process group", "watch the server's whole process group")
        self._collectd = Check("collectd", "start this host's collectd for the run")
        self._files = Words(
            "collectd's files", example="/var/lib/collectd/rrd",
            tip="folder of the RRD or CSV files of a collectd that runs anyway",
        )  # fmt: skip
        self._listen = Words(
            "collectd elsewhere", example="0.0.0.0:25826",
            tip="HOST:PORT to listen on for the network plugin of a collectd on the server's host",
        )  # fmt: skip
        self._statsd = Words(
            "statsd, also to", example=_ADDRESS,
            tip="HOST:PORT of a further server that gets the same lines (Telegraf, Datadog agent)",
        )  # fmt: skip
        self._prefix = Words(
            "Names there", example="lab.", tip="what the names begin with there, its dot included"
        )

    def _result(self) -> None:
        self._title = Words("Title", example="by scenario and server", tip="over the figures")
        self._file = Words("Run file", example="by scenario and date", tip="where it is recorded")

    def _laid_out(self) -> widgets.VBox:
        left = (self._order, self._rise, self._warm_up, self._drain)
        right = (self._loop, self._think, self._seed, self.auto)
        metrics = (self._percentiles, self._collectd, self._files, self._listen)
        further = (self._group, self._statsd, self._prefix)
        parts = [
            ("Load", (left, right)),
            ("Connections", ((self._transport,), (self._connect, self._read))),
            ("Metrics", (metrics, further)),
            ("Result", ((self._title,), (self._file,))),
        ]
        self.fields: tuple[Field, ...] = tuple(f for _, both in parts for one in both for f in one)
        rows: list[Any] = []
        for name, columns in parts:
            rows += [widgets.HTML(f"<span style='{_HEAD}'>{name}</span>"), side_by_side(*columns)]
        return widgets.VBox(rows, layout=widgets.Layout(width="100%"))

    def _unfold(self, seen: bool) -> None:
        self._inside.layout.display = "" if seen else "none"
        self.fold.icon = _OPEN if seen else _FOLDED

    @property
    def rise_s(self) -> float:
        """Seconds in which each rate is reached."""
        return float(self._rise.value)

    @property
    def file(self) -> str:
        """Where the run is recorded; "" as usual."""
        return str(self._file.value).strip()

    def _of_plan(self) -> dict[str, Field]:
        """The fields of a Plan that are set here, by their names."""
        return {
            "title": self._title,
            "user_order": self._order,
            "warm_up_s": self._warm_up,
            "drain_s": self._drain,
            "loop_users": self._loop,
            "think_s": self._think,
            "seed": self._seed,
            "transport": self._transport,
            "connect_timeout_s": self._connect,
            "read_timeout_s": self._read,
        }

    def _of_measuring(self) -> dict[str, Field]:
        """The same of a Measuring, but for the percentiles, which are a list in words."""
        return {
            "process_group": self._group,
            "collectd": self._collectd,
            "collectd_files": self._files,
            "collectd_listen": self._listen,
            "statsd_to": self._statsd,
            "statsd_prefix": self._prefix,
        }

    def show(self, plan: Plan, file: str = "") -> None:
        """Fill it in."""
        for name, field in self._of_plan().items():
            field.set(getattr(plan, name))
        if plan.search:
            self._warm_up.set(USUAL.warm_up_s)
        self._rise.set(plan.steps[0].rise_s)
        self._file.set(file)
        for name, field in self._of_measuring().items():
            field.set(getattr(plan.measuring, name))
        percentiles = (f"{percent:g}" for percent in plan.measuring.percentiles)
        self._percentiles.set(", ".join(percentiles))

    def planned(self) -> dict[str, Any]:
        """The fields of a Plan; raises InputError for odd percentiles or a missing folder."""
        percentiles = parse_percentiles(self._percentiles.value)
        measuring = _values(self._of_measuring())
        measuring["collectd_files"] = folder_of(measuring["collectd_files"])
        return {
            **_values(self._of_plan()),
            "measuring": Measuring(percentiles=percentiles, **measuring),
        }

    def disable(self, disabled: bool) -> None:
        """Whether it can be set; it may be looked at always."""
        for field in self.fields:
            field.widget.disabled = disabled


def _values(fields: dict[str, Field]) -> dict[str, Any]:
    """What is set, texts without the blanks around them."""
    told = {name: field.value for name, field in fields.items()}
    return {name: v.strip() if isinstance(v, str) else v for name, v in told.items()}
