"""An executed notebook as one page that opens offline."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

from arangolab.errors import FindingError

PLOTLY: Final = "application/vnd.plotly.v1+json"


def export_html(notebook: Path, page: Path, *, title: str) -> None:
    """Write the executed notebook as one page that needs nothing from anywhere.

    Plotly figures stay alive: plotly.js is in the page, once.  Raises FindingError when the
    notebook cannot be read.
    """
    import nbformat
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
    html, _ = exporter.from_notebook_node(document, {"metadata": {"name": title}})
    head = f"<script>{get_plotlyjs()}</script>\n{_STYLE}</head>"
    page.write_text(_alone(html).replace("</head>", head, 1), encoding="utf-8")


_STYLE: Final = """<style>
body { max-width: 1160px; margin: 0 auto; }
.jp-InputPrompt, .jp-OutputPrompt { display: none; }
.jp-Cell { padding: 4px 12px; }
.jp-OutputArea .highlight pre {
  font: 13px/1.35 var(--jp-code-font-family, monospace), monospace; margin: 0;
}
</style>
"""


def _alone(html: str) -> str:
    """The page without scripts from elsewhere (require.js, MathJax, mermaid)."""
    html = re.sub(r"<script[^>]*\bsrc=[^>]*>\s*</script>", "", html)
    html = re.sub(
        r'<script type="module">(?:(?!</script>).)*mermaid.*?</script>', "", html, flags=re.S
    )
    return re.sub(r"<!-- MathJax.*?<!-- End of mathjax configuration -->", "", html, flags=re.S)


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
