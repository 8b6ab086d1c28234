"""The trend as a picture: results that fail, by stage, week by week."""

from __future__ import annotations

import math
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gatekeeper.core.wording import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    stages = dict(list(trend.stages.items())[:MOST_STAGES])
    weeks = tuple(f"{each.day} {each:%b}" for each in trend.weeks)
    return _sheet(tuple(map(_label, stages)), weeks).draw(stages.values())


class _Sheet:
    """A chart without its lines: setting it out takes longer than drawing on it."""

    def __init__(self, labels: Sequence[str], weeks: Sequence[str]) -> None:
        figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DPI, facecolor=PAPER)
        FigureCanvasAgg(figure)
        self._figure, self._axes = figure, figure.add_axes(PLOT)
        self._lines = [
            self._axes.plot(
                range(len(weeks)),
                [0] * len(weeks),
                color=LINES[place],
                marker=MARKS[place],
                markersize=4,
                linewidth=1.6,
                label=label,
            )[0]
            for place, label in enumerate(labels)
        ]
        _dress(self._axes, weeks)

    def draw(self, counts: Iterable[Sequence[int | None]]) -> bytes:
        """Draw one line per stage and return the PNG."""
        for line, heights in zip(self._lines, counts, strict=True):
            line.set_ydata([math.nan if each is None else each for each in heights])
        self._axes.relim()
        self._axes.autoscale(enable=True)
        self._axes.set_ylim(bottom=0)
        picture = BytesIO()
        self._figure.savefig(picture, format="png", metadata={"Software": None})
        return picture.getvalue()


_sheet = lru_cache(maxsize=32)(_Sheet)
"""Most teams of an org have the same stages in the same weeks."""


def _label(stage: str) -> str:
    """Return a stage's name as a label: not mathematics, and not left out."""
    return plain(stage, 24).replace("$", r"\$").lstrip("_") or "?"


def _dress(axes: Axes, weeks: Sequence[str]) -> None:
    axes.set_xticks(range(len(weeks)), weeks)
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
