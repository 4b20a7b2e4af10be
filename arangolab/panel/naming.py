"""Names for slider handles, which a screen reader would call "slider" and nothing else."""

from __future__ import annotations

import anywidget

_ESM = """
const named = (row) => {
  const fields = [...row.querySelectorAll('input[type=number]')];
  row.querySelectorAll('.noUi-handle').forEach((handle, i) => {
    const label = fields[i] && fields[i].labels && fields[i].labels[0];
    const field = label || (fields[i] && fields[i].closest('.jupyter-widgets'));
    const name = field && (field.textContent || '').trim();
    if (name && handle.getAttribute('aria-label') !== name) {
      handle.setAttribute('aria-label', name);
    }
  });
};
export default {
  render({ el }) {
    el.style.display = 'none';
    const name = () => {
      const panel = el.closest('.arangolab-controls');
      if (panel) panel.querySelectorAll('.widget-hbox').forEach(named);
      return Boolean(panel);
    };
    const seen = new MutationObserver(name);
    const begin = () => {
      if (!name()) return setTimeout(begin, 100);
      seen.observe(el.closest('.arangolab-controls'), { childList: true, subtree: true });
    };
    begin();
    return () => seen.disconnect();
  },
};
"""


class Names(anywidget.AnyWidget):
    """Shows nothing; gives each handle the name of the number field beside it.

    ipywidgets ties a slider's label to the slider's frame and not to the handle that has the focus.
    """

    _esm = _ESM
