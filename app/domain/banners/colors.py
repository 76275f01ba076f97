"""Colours that can be read: contrast as WCAG 2.2 has it (pure).

A colour is written "#rrggbb", in small letters.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

COLOR = re.compile(r"#[0-9a-f]{6}")
LIGHT, DARK = "#f2efeb", "#183031"
"""The grounds on which a banner is hardest to see, of those that `tokens.css` has in each mode."""
SEEN = 3.0
"""What bounds a thing keeps this contrast with what lies around it (WCAG 2.2, 1.4.11)."""
STEPS = 256


class Ink(StrEnum):
    """What is written with on a coloured ground."""

    BLACK = "black"
    WHITE = "white"


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(maxsize=256)
def ink(ground: str) -> Ink:
    """Black or white, whichever can be read better on a colour.

    One of them always has a contrast of 4.58 or more, the root of 21, so it passes 1.4.3.
    """
    on_black, on_white = contrast(ground, "#000000"), contrast(ground, "#ffffff")
    return Ink.BLACK if on_black >= on_white else Ink.WHITE


@lru_cache(maxsize=256)
def seen(color: str, ground: str) -> str:
    """The colour, or the nearest to it on the way to black or white that is seen on a ground."""
    goal = "#000000" if ink(ground) == Ink.BLACK else "#ffffff"
    ways = (_mixed(color, goal, step) for step in range(STEPS + 1))
    return next(way for way in ways if contrast(way, ground) >= SEEN)


def luminance(color: str) -> float:
    """How bright a colour is, from 0 to 1 (WCAG 2.2, "relative luminance")."""
    red, green, blue = map(_linear, _channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: int) -> float:
    share = channel / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def _mixed(color: str, goal: str, step: int) -> str:
    pairs = zip(_channels(color), _channels(goal), strict=True)
    return "#" + "".join(f"{start + (end - start) * step // STEPS:02x}" for start, end in pairs)


def _channels(color: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(color[1:]))
