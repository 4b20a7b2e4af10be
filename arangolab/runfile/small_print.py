"""What each source of a run lost and cost, and by which clock it was measured, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arangolab import units

if TYPE_CHECKING:
    from arangolab.runfile.reader import Run


def small_print(run: Run) -> dict[str, str]:
    """A line for each source, by its name; what was left out of the run is the last."""
    found: dict[str, str] = {}
    for row in run.meta("sources", []):
        host = row.get("host")
        name = f"{row['source']}, {host}" if host else str(row["source"])
        found[f"{name}, {row['what']}" if name in found else name] = _line(row)
    left_out = run.query("SELECT text FROM events WHERE kind = 'left_out' ORDER BY id")
    if left_out:
        found["left out"] = " ".join(dict.fromkeys(text for (text,) in left_out))
    return found


def _line(row: dict[str, Any]) -> str:
    bad = f", {row['bad']:,} not understood" if row.get("bad") else ""
    parts = [
        f"{row['received']:,} {row['what']}, {row['lost']:,} lost{bad}",
        f"clock: {row['clock']}",
        row["resolution"],
    ]
    if row["delay_s"]:
        parts.append(f"known after {units.seconds(row['delay_s'])}")
    if row["cpu_s"] is not None:
        parts.append(f"cost {units.seconds(row['cpu_s'])} of CPU")
    return "; ".join(parts)
