"""The trend as a picture: results that fail, by stage, week by week."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gatekeeper.core.wording import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gatekeeper.core.digest.values import Trend

WIDTH_IN, HEIGHT_IN, DPI = 5.6, 2.3, 100
PLOT = (0.07, 0.14, 0.63, 0.8)
"""Left, bottom, width and height; the rest is for the names of the stages."""

MOST_STAGES = 6
"""More lines than colours that differ are no chart; the text has every stage."""

PAPER = "#ffffff"
INK = "#3d4653"
LINES = ("#1f5fa8", "#b8541a", "#2e7d4f", "#8a3d8f", "#8c6d1f", "#5a6472")
MARKS = "os^Dv*"


def draw(trend: Trend) -> bytes:
    """Draw a trend as PNG on its own paper, so that it is readable in dark mode too.

    The same trend gives the same bytes. Weeks that nobody saw leave a gap.
    """
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DPI, facecolor=PAPER)
    axes = figure.add_axes(PLOT)
    for place, (stage, counts) in enumerate(list(trend.stages.items())[:MOST_STAGES]):
        heights = [float("nan") if count is None else count for count in counts]
        axes.plot(
            range(len(heights)),
            heights,
            color=LINES[place],
            marker=MARKS[place],
            markersize=4,
            linewidth=1.6,
            label=_label(stage),
        )
    _dress(axes, [f"{each.day} {each:%b}" for each in trend.weeks])
    FigureCanvasAgg(figure)
    picture = BytesIO()
    figure.savefig(picture, format="png", metadata={"Software": None})
    return picture.getvalue()


def _label(stage: str) -> str:
    """Return a stage's name as a label: not mathematics, and not left out."""
    return plain(stage, 24).replace("$", r"\$").lstrip("_") or "?"


def _dress(axes: Axes, weeks: list[str]) -> None:
    axes.set_xticks(range(len(weeks)), weeks)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=4))
    axes.tick_params(labelsize=8, colors=INK, length=0)
    axes.grid(axis="y", color="#e3e6ea", linewidth=0.8)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color("#c4cad2")
    axes.legend(
        fontsize=8,
        frameon=False,
        labelcolor=INK,
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
    )
