"""What stands beside the graphs keeps within its room."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from arangolab.figures.room import LABEL_PX, _width_px, legend_name, log_axis

TEXT = st.text(st.characters(exclude_categories=("C", "Z")) | st.sampled_from(" _."), max_size=60)


@given(TEXT)
def test_no_line_of_a_legend_is_wider_than_its_room(label: str) -> None:
    """Whatever a step is called; no letter is lost."""
    lines = legend_name(label).split("<br>")
    assert all(_width_px(line) <= LABEL_PX for line in lines)
    assert "".join(lines).replace(" ", "") == label.replace("<br>", "").replace(" ", "")


def test_a_name_breaks_between_words() -> None:
    """Also where underscores join them; what fits stands in one line."""
    assert legend_name("transaction mean") == "transaction mean"
    assert legend_name("CPU of the server's host") == "CPU of the server's<br>host"
    assert legend_name("delete_temporary_collection mean") == "delete_temporary_<br>collection mean"


def test_the_names_of_curves_keep_to_their_lines() -> None:
    """A legend of many steps does not reach into the next one."""
    assert legend_name("INSERT_RELATION_OF_A_USER_TO_A_GROUP", 2).count("<br>") == 1
    assert legend_name("INSERT_RELATION_OF_A_USER_TO_A_GROUP", 2).endswith("…")


def test_ticks_of_a_logarithmic_axis_are_short_and_in_full_figures() -> None:
    """From a hundredth to millions."""
    texts = log_axis((1, 3))["ticktext"]
    assert {"0.01", "0.3", "10,000", "300,000", "1M", "3M"} <= set(texts)
    assert max(map(len, texts)) == len("300,000")
