"""The book's colors on a dark page, where the colors of `deeplearn_utils.colors` would drown."""

from __future__ import annotations

from deeplearn_utils import colors

DARK = {
    colors.BLUE: "#4AA8E8",
    colors.ORANGE: "#F2B233",
    colors.SKY_BLUE: "#7CC7F0",
    colors.GREEN: "#2EC79A",
    colors.YELLOW: "#F0E442",
    colors.VERMILION: "#F5814A",
    colors.PURPLE: "#DB9BC0",
    colors.GREY: "#A6A6A6",
    colors.BLACK: "#E6E6E6",
    colors.SATURATED: "#4B4526",
    colors.DEAD: "#45484C",
}

INK = ("#1A1A1A", "#E6E6E6")
PAPER = ("#FFFFFF", "#14181E")
"""Text and page, each on a light and on a dark page."""

THEMES = {
    "light": {**{color: color for color in DARK}, "ink": INK[0], "paper": PAPER[0]},
    "dark": {**DARK, "ink": INK[1], "paper": PAPER[1]},
}
