"""The numbers in a panel's first picture, read back from what matplotlib drew.

`drawn_numbers` has the form in which a browser's picture can be compared: domains, ticks, legend,
and for each mark a list of rows of numbers.
"""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from deeplearn_utils.explorers.live import picture
from deeplearn_utils.explorers.parts import marks

SYMBOLS = {marker: symbol for symbol, marker in picture.SYMBOLS.items()}


def drawn_numbers(pane: marks.Pane, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Draw a pane and return its domains, ticks, legend and series as plain numbers and texts."""
    axes, artists = Figure().subplots(), []

    def noting(draw: Callable[..., None]) -> Callable[..., None]:
        def noted(ax: Axes, mark: Any, read: picture.Read) -> None:
            before = ax.get_children()
            draw(ax, mark, read)
            artists.append((mark, [a for a in ax.get_children() if a not in before]))

        return noted

    with patch.dict(picture.DRAW, {kind: noting(draw) for kind, draw in picture.DRAW.items()}):
        picture.draw_pane(axes, pane, arrays)
    return {
        "x": read_axis(axes.xaxis),
        "y": read_axis(axes.yaxis),
        "legend": read_legend(axes),
        "marks": [
            {"kind": type(mark).__name__.lower(), "rows": READ[type(mark)](found)}
            for mark, found in artists
        ],
    }


def read_axis(axis: Any) -> dict[str, Any]:
    """Return an axis's domain and ticks."""
    texts = [label.get_text() for label in axis.get_ticklabels()]
    places = {"ticks": [float(place) for place in axis.get_ticklocs()], "texts": texts}
    return {"domain": [float(end) for end in axis.get_view_interval()], **places}


def read_legend(axes: Axes) -> list[dict[str, Any]]:
    """Return label, color, symbol and dash of each entry."""
    legend = axes.get_legend()
    if legend is None:
        return []
    pairs = zip(legend.get_texts(), legend.legend_handles, strict=True)
    return [{"label": text.get_text(), **read_sample(sample)} for text, sample in pairs]


def read_sample(sample: Any) -> dict[str, Any]:
    """Return how the sample of a legend looks."""
    if not hasattr(sample, "get_marker"):
        return {"color": to_hex(sample.get_facecolor()), "symbol": "box", "dashed": False}
    symbol = SYMBOLS.get(sample.get_marker(), "line")
    outlined = symbol == "cross" or sample.get_markerfacecolor() == "none"
    color = sample.get_markeredgecolor() if outlined else sample.get_markerfacecolor()
    color = sample.get_color() if symbol == "line" else color
    return {"color": to_hex(color), "symbol": symbol, "dashed": sample.get_linestyle() == "--"}


def read_filled(found: list[Any]) -> list[list[float]]:
    """Return x, low and high of the area between two curves."""
    rows = []
    for path in (path for artist in found for path in artist.get_paths()):
        x, y = path.vertices.T
        rows += [[place, *sorted({*y[x == place]})] for place in np.unique(x)]
    return rows


def finite(table: np.ma.MaskedArray) -> list[list[float]]:
    """Return the rows that have no gap."""
    numbers = np.ma.filled(table.astype(float), np.nan)
    return numbers[np.isfinite(numbers).all(axis=1)].tolist()


def read_spans(found: list[Any]) -> list[list[float]]:
    """Return both ends of stripes: the ends that are not those of the axes."""
    boxes = [artist.get_bbox() for artist in found]
    upright = [
        artist.get_data_transform() == artist.axes.get_xaxis_transform("grid") for artist in found
    ]
    return [
        [box.x0, box.x1] if up else [box.y0, box.y1] for box, up in zip(boxes, upright, strict=True)
    ]


READ: dict[type, Callable[[list[Any]], list]] = {
    marks.Line: lambda found: [line.get_xydata().T.tolist() for line in found],
    marks.Dots: lambda found: [row for dots in found for row in finite(dots.get_offsets())],
    marks.Area: read_filled,
    marks.Band: read_spans,
    marks.Polygon: lambda found: [artist.get_xy()[:-1].T.tolist() for artist in found],
    marks.Rule: lambda found: [[along(line)] for line in found],
    marks.Bars: lambda found: [
        [bar.get_x(), bar.get_x() + bar.get_width(), bar.get_y(), bar.get_y() + bar.get_height()]
        for bar in found
    ],
    marks.Arrow: lambda found: [
        row
        for arrows in found
        for row in np.transpose(
            [arrows.X, arrows.Y, arrows.X + arrows.U, arrows.Y + arrows.V]
        ).tolist()
    ],
    marks.Raster: lambda found: [row for image in found for row in image.get_array().tolist()],
    marks.Contours: lambda found: [list(map(float, lines.levels)) for lines in found],
    marks.Text: lambda found: [[*text.get_position(), text.get_text()] for text in found],
    marks.Number: lambda found: [[*text.get_position(), text.get_text()] for text in found],
}


def along(line: Artist) -> float:
    """Return where a straight line across the picture stands."""
    (x, _), (y, _) = line.get_data()
    return float(x if line.get_transform() == line.axes.get_xaxis_transform("grid") else y)
