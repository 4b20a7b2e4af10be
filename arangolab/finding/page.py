"""An executed notebook as one page that opens offline."""

from __future__ import annotations

import gzip
import html
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from arangolab import units
from arangolab.errors import FindingError
from arangolab.finding import documents
from arangolab.finding.summary import KEY, sha256_of

PLOTLY: Final = "application/vnd.plotly.v1+json"
MOST_ATTACHED_BYTES: Final = 2_000_000
"""A run file of this size, packed, is part of the page; a larger one is named by its hash."""


def export_html(notebook: Path, page: Path, *, title: str) -> None:
    """Write the executed notebook as one page that needs nothing from anywhere.

    Plotly figures stay alive: plotly.js is in the page, once.  Run files that lie beside the
    notebook are in the page too where they are small, to be saved from it; else their hashes tell
    which they are.  Raises FindingError when the notebook cannot be read.
    """
    nbformat = documents.nbformat()
    from nbconvert import HTMLExporter
    from plotly.offline import get_plotlyjs

    try:
        document = nbformat.read(notebook, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError) as error:
        raise FindingError(f"{notebook} cannot be read as a notebook ({error}).") from error
    for number, output in enumerate(_outputs(document)):
        _revive_plot(output, number)
    exporter = HTMLExporter(
        template_name="lab", require_js_url="", mathjax_url="", jquery_url="", mermaid_js_url=""
    )
    text, _ = exporter.from_notebook_node(document, {"metadata": {"name": title}})
    head = f"<script>{get_plotlyjs()}</script>\n{_STYLE}</head>"
    text = _alone(text).replace("</head>", head, 1)
    before, end, after = text.rpartition("</body>")
    told = document.metadata.get(KEY)
    foot = "" if told is None else _foot(told, notebook.parent)
    page.write_text(before + foot + end + after, encoding="utf-8")


_STYLE: Final = """<style>
body { max-width: 1160px; margin: 0 auto; }
.jp-InputPrompt, .jp-OutputPrompt { display: none; }
.arangolab-files { padding: 4px 12px 24px; font: 13px/1.5 system-ui, sans-serif; }
.arangolab-files code { overflow-wrap: anywhere; }
.jp-Cell { padding: 4px 12px; }
.jp-OutputArea .highlight pre {
  font: 13px/1.35 var(--jp-code-font-family, monospace), monospace; margin: 0;
}
</style>
"""


def _foot(told: Mapping[str, Any], folder: Path) -> str:
    """The run files, and the summary for programs."""
    links = [_attached(run["run_file"], folder) for run in told.get("runs", [])]
    figures = json.dumps(told, allow_nan=False).replace("</", "<\\/")
    listed = "".join(f"<li>{link}</li>" for link in links)
    return (
        f'<section class="arangolab-files"><h2>Run files</h2><ul>{listed}</ul></section>'
        f'<script type="application/json" id="arangolab-finding">{figures}</script>'
    )


def _attached(file: Mapping[str, Any], folder: Path) -> str:
    """The file as a link that saves it, or its name and hash."""
    name, digest = html.escape(str(file["name"])), html.escape(str(file["sha256"]))
    said = f"{units.size(file['bytes'])}, SHA-256 <code>{digest}</code>"
    beside = folder / str(file["name"])
    if beside.is_file() and sha256_of(beside) == file["sha256"]:
        packed = gzip.compress(beside.read_bytes(), mtime=0)
        if len(packed) <= MOST_ATTACHED_BYTES:
            content = b64encode(packed).decode("ascii")
            url = f"data:application/gzip;base64,{content}"
            return f'<a download="{name}.gz" href="{url}">{name}.gz</a> (unpacked {said})'
    return f"{name} (not in this page; {said})"


def _alone(text: str) -> str:
    """The page without scripts from elsewhere (require.js, MathJax, mermaid)."""
    text = re.sub(r"<script[^>]*\bsrc=[^>]*>\s*</script>", "", text)
    text = re.sub(
        r'<script type="module">(?:(?!</script>).)*mermaid.*?</script>', "", text, flags=re.S
    )
    return re.sub(r"<!-- MathJax.*?<!-- End of mathjax configuration -->", "", text, flags=re.S)


def _revive_plot(output: Any, number: int) -> None:
    """A stored plotly figure becomes a script that draws it."""
    data = output.get("data", {})
    if PLOTLY not in data:
        return
    from plotly.utils import PlotlyJSONEncoder

    figure = dict(data[PLOTLY])
    parts = ", ".join(
        json.dumps(figure.get(part) or empty, cls=PlotlyJSONEncoder).replace("</", "<\\/")
        for part, empty in (("data", []), ("layout", {}))
    )
    height = (figure.get("layout") or {}).get("height") or 450
    output["data"] = {
        "text/html": (
            f'<div id="plot-{number}" style="height:{height}px"></div>'
            f'<script>Plotly.newPlot("plot-{number}", {parts}, '
            "{responsive: true, displaylogo: false});</script>"
        )
    }


def _outputs(document: Any) -> list[Any]:
    return [out for cell in document.cells if cell.cell_type == "code" for out in cell.outputs]
