"""Figures as PNG and as what a notebook keeps; a missing Chrome is never an error.

Run as a module it reads a figure's JSON from stdin and writes the PNG to stdout: a process of its
own can be ended when the browser hangs.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import plotly.graph_objects as go

PLOTLY_MIME: Final = "application/vnd.plotly.v1+json"
TIMEOUT_S: Final = 45.0
WIDTH_PX: Final = 840
"""JupyterLab shows a stored picture cut off at the cell's edge, until it is pointed at."""
WATCHED: Final = "JPY_SESSION_NAME"
"""Set in a kernel that Jupyter's server started for a notebook that somebody has open."""
PAPER: Final = "white"
"""A picture is looked at where nothing is known of the page around it."""


def png(
    figure: go.Figure, *, width_px: int = WIDTH_PX, timeout_s: float = TIMEOUT_S
) -> bytes | None:
    """The figure as PNG; None when there is no Chrome or it did not answer in time."""
    request = json.dumps({"width": width_px, "figure": figure.to_json()})
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "arangolab.figures.picture"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        image, _ = child.communicate(request.encode(), timeout=timeout_s)
    except subprocess.TimeoutExpired:
        image = b""
    finally:
        _end_group(child)
    return image if child.returncode == 0 and image.startswith(b"\x89PNG") else None


def bundle(
    figure: go.Figure, text: str, *, picture: bool = True, timeout_s: float = TIMEOUT_S
) -> dict[str, Any]:
    """The mime bundle a notebook keeps: plotly's JSON, a PNG where possible, and ``text``."""
    made: dict[str, Any] = {PLOTLY_MIME: json.loads(figure.to_json()), "text/plain": text}
    made[PLOTLY_MIME]["config"] = {"responsive": True, "displaylogo": False}
    image = png(figure, timeout_s=timeout_s) if picture else None
    if image:
        made["image/png"] = base64.b64encode(image).decode("ascii")
    return made


def show(figure: go.Figure, text: str = "") -> None:
    """Show the figure in a notebook in the form that outlives it (see :func:`bundle`).

    Without a PNG where JupyterLab watches: it draws the figure as wide as the cell, and adds a
    PNG when it saves.
    """
    from IPython.display import display

    title = figure.layout.title.text or "figure"
    made = bundle(figure, text or str(title), picture=WATCHED not in os.environ)
    display(made, raw=True)  # type: ignore[no-untyped-call]


def _end_group(child: subprocess.Popen[bytes]) -> None:
    """End the child and the browser it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe:
            with contextlib.suppress(OSError):
                pipe.close()


def main() -> int:
    """Draw the figure on stdin."""
    import plotly.io

    request = json.load(sys.stdin)
    figure = plotly.io.from_json(request["figure"], skip_invalid=True)
    figure.update_layout(paper_bgcolor=PAPER)
    image = figure.to_image(
        "png", width=request["width"], height=figure.layout.height or 450, scale=1
    )
    sys.stdout.buffer.write(image)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
