"""Draws posters and stills: a scene of simple shapes in a film's colours.

An image's name may say what to draw: `dancer-348-…` is the scene "dancer" in the hue of 348 degrees. Any other
name gets a scene and a hue that follow from the film's title.
"""

import colorsys
import random
import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from math import cos, pi, sin

from bot.preview import svg

POSTER_WIDTH, POSTER_HEIGHT = 600, 900
STILL_WIDTH, STILL_HEIGHT = 1280, 720
LINE_LENGTH = 13
"""Letters of a poster's title in a line; a longer word has a line of its own, in smaller letters."""
MARGIN = 44
_LETTER_WIDTH = 0.72
"""Of a capital letter with the space after it, as a part of the letters' size: a little more than most have."""
_NAME = re.compile(r"([a-z]+)-(\d{1,3})-")
_ACCENTS = (0.07, 0.12, 0.45, 0.55, 0.93)
"""How far the second colour is from the first, as parts of the circle of colours."""


class Palette:
    """Colours that go together, and the numbers that vary a scene: the same for all images of a film."""

    def __init__(self, title: str, hue: float | None = None) -> None:
        self.random = random.Random(sha256(title.encode()).digest())  # noqa: S311
        own_hue, accent = self.random.random(), self.random.choice(_ACCENTS)
        hue = own_hue if hue is None else hue
        self.sky = _colour(hue, 0.62, 0.13)
        self.glow = _colour(hue + accent, 0.72, 0.58)
        self.light = _colour(hue + 0.1, 0.62, 0.86)
        self.bright = _colour(hue, 0.74, 0.56)
        self.mid = _colour(hue, 0.5, 0.27)
        self.dark = _colour(hue, 0.6, 0.07)

    @property
    def gradients(self) -> str:
        """The fills `sky`, `shade` and `halo`."""
        return (
            '<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">'
            f'<stop offset="0" stop-color="{self.sky}"/><stop offset="0.62" stop-color="{self.mid}"/>'
            f'<stop offset="1" stop-color="{self.glow}"/></linearGradient>'
            '<linearGradient id="shade" x1="0" y1="0" x2="0" y2="1">'
            f'<stop offset="0" stop-color="{self.dark}" stop-opacity="0"/>'
            f'<stop offset="0.75" stop-color="{self.dark}" stop-opacity="0.92"/></linearGradient>'
            f'<radialGradient id="halo"><stop offset="0" stop-color="{self.light}" stop-opacity="0.85"/>'
            f'<stop offset="1" stop-color="{self.glow}" stop-opacity="0"/></radialGradient></defs>'
        )


def _colour(hue: float, saturation: float, lightness: float) -> str:
    red, green, blue = (round(part * 255) for part in colorsys.hls_to_rgb(hue % 1, lightness, saturation))
    return f"#{red:02x}{green:02x}{blue:02x}"


def draw_poster(title: str, name: str = "") -> bytes:
    """Return a poster: a scene, and the title below it."""
    scene, palette = _choose(title, name)
    width, height = POSTER_WIDTH, POSTER_HEIGHT
    picture = svg.rectangle(0, 0, width, height, "url(#sky)") + scene(palette, width, height)
    lines = _break_lines(title)
    size = min(92, (width - 2 * MARGIN) / (_LETTER_WIDTH * max(5, *map(len, lines))))
    top = height - 70 - (len(lines) - 1) * size * 1.06
    words = "".join(
        svg.text(MARGIN, top + number * size * 1.06, size, line.upper(), 'font-weight="800" letter-spacing="1"')
        for number, line in enumerate(lines)
    )
    shade = svg.rectangle(0, height * 0.5, width, height * 0.5, "url(#shade)")
    rule = svg.rectangle(MARGIN, top - size - 24, 64, 5, palette.light)
    return svg.image(width, height, palette.gradients + picture + shade + rule + words)


def draw_still(title: str, name: str, number: int) -> bytes:
    """Return a still: the film's scene, or another one in its colours, as a wide screen shows it."""
    scene, palette = _choose(title, name)
    if number:
        scene = list(SCENES.values())[number % len(SCENES)]
    palette.random.seed(f"{title} {number}")
    width, height = STILL_WIDTH, STILL_HEIGHT
    picture = svg.rectangle(0, 0, width, height, "url(#sky)") + scene(palette, width, height)
    bars = "".join(svg.rectangle(0, y, width, 58, "#000") for y in (0, height - 58))
    return svg.image(width, height, palette.gradients + picture + bars)


def _choose(title: str, name: str) -> "tuple[Scene, Palette]":
    """Return the scene and the colours that the image's name asks for, or those that follow from the title."""
    match = _NAME.match(name)
    if match is not None and match[1] in SCENES:
        return SCENES[match[1]], Palette(title, int(match[2]) / 360)
    palette = Palette(title)
    return palette.random.choice([SCENES[each] for each in _FOR_ANY_FILM]), palette


def _break_lines(title: str) -> list[str]:
    """Return the title's words in lines of about LINE_LENGTH letters."""
    lines: list[str] = []
    for word in title.split():
        if lines and len(lines[-1]) + 1 + len(word) <= LINE_LENGTH:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def _halo(x: float, y: float, radius: float) -> str:
    return svg.circle(x, y, radius, "url(#halo)")


def _figure(x: float, floor: float, tall: float, colour: str) -> str:
    """Return somebody in a long coat, seen from behind."""
    shoulder = floor - tall * 0.84
    coat = (
        f"M{x - tall * 0.2:.0f} {floor:.0f} Q{x - tall * 0.24:.0f} {shoulder:.0f} {x:.0f} {shoulder:.0f} "
        f"Q{x + tall * 0.24:.0f} {shoulder:.0f} {x + tall * 0.2:.0f} {floor:.0f}Z"
    )
    return svg.ellipse(x, floor - tall, tall * 0.13, tall * 0.15, colour) + svg.path(coat, colour)


def _draw_hills(palette: Palette, width: int, height: int) -> str:
    """Return a sun or a moon over three ranges of hills."""
    draw = palette.random
    x, y, radius = width * draw.uniform(0.28, 0.72), height * draw.uniform(0.22, 0.34), min(width, height) * 0.17
    sun = _halo(x, y, radius * 2.4) + svg.circle(x, y, radius, palette.light)
    return sun + _ranges(palette, width, height, (palette.glow, palette.mid, palette.dark))


def _ranges(palette: Palette, width: int, height: int, colours: tuple[str, ...]) -> str:
    parts = []
    for depth, colour in enumerate(colours):
        base = height * (0.46 + 0.11 * depth)
        ridge = [(width * step / 7, base + height * palette.random.uniform(-0.06, 0.06)) for step in range(8)]
        parts.append(svg.polygon([(0, height), *ridge, (width, height)], colour, 0.72 + 0.14 * depth))
    return "".join(parts)


def _draw_comet(palette: Palette, width: int, height: int) -> str:
    """Return a comet over hills, and stars."""
    draw = palette.random
    stars = "".join(
        svg.circle(
            width * draw.random(), height * draw.uniform(0, 0.5), draw.uniform(0.8, 2.4), palette.light, 0.8
        )
        for _ in range(60)
    )
    x, y = width * 0.33, height * 0.33
    tail = "".join(
        svg.polygon(
            [(x, y), (x + width * (0.62 - 0.1 * step), y - height * (0.32 + 0.03 * step)),
             (x + width * (0.7 - 0.12 * step), y - height * (0.24 - 0.02 * step))],
            colour, 0.35 + 0.2 * step,
        )
        for step, colour in enumerate((palette.glow, palette.bright, palette.light))
    )  # fmt: skip
    head = _halo(x, y, width * 0.13) + svg.circle(x, y, 11, palette.light)
    return stars + tail + head + _ranges(palette, width, height, (palette.mid, palette.dark))


def _draw_city(palette: Palette, width: int, height: int) -> str:
    """Return houses at night with some windows lit."""
    return _halo(width * 0.5, height * 0.5, width * 0.6) + _houses(palette, width, height, palette.dark)


def _draw_skyline(palette: Palette, width: int, height: int) -> str:
    """Return the other bank of a river at dusk, with a low sun and its light on the water."""
    draw = palette.random
    bank, x = height * 0.6, width * draw.uniform(0.3, 0.7)
    sun = _halo(x, bank - height * 0.2, width * 0.5) + svg.circle(
        x, bank - height * 0.22, width * 0.12, palette.light
    )
    houses = "".join(
        svg.rectangle(at, bank - high, width / 19, high, palette.dark, 0.9)
        for at, high in ((width * step / 20, height * draw.uniform(0.04, 0.22)) for step in range(21))
    )
    water = svg.rectangle(0, bank, width, height - bank, palette.dark, 0.72)
    return sun + houses + water + _glitter(palette, x, width, height, bank)


def _houses(palette: Palette, width: int, height: int, front: str) -> str:
    draw = palette.random
    parts = []
    for depth, colour in enumerate((palette.mid, front)):
        x = -20.0
        while x < width:
            wide, high = width * draw.uniform(0.09, 0.17), height * (draw.uniform(0.26, 0.5) - 0.05 * depth)
            top = height * 0.86 - high
            parts.append(svg.rectangle(x, top, wide, height, colour))
            parts += [
                svg.rectangle(
                    x + wide * (0.16 + 0.26 * column), top + 24 + row * 34, wide * 0.15, 15, palette.light, 0.8
                )
                for row in range(int(high / 34))
                for column in range(3)
                if draw.random() < 0.2 + 0.12 * depth
            ]
            x += wide + draw.uniform(-4, 10)
    return "".join(parts)


def _draw_rain(palette: Palette, width: int, height: int) -> str:
    """Return houses behind slanting rain, and somebody under a lamp."""
    draw = palette.random
    drops = "".join(
        svg.stroke(f"M{x:.0f} {y:.0f}l{-long * 0.16:.0f} {long:.0f}", palette.light, 2, draw.uniform(0.15, 0.6))
        for x, y, long in (
            (width * draw.uniform(0, 1.1), height * draw.uniform(-0.05, 0.8), height * draw.uniform(0.03, 0.09))
            for _ in range(110)
        )
    )
    x, floor = width * 0.56, height * 0.78
    lamp = _halo(x, floor - height * 0.3, width * 0.34) + svg.circle(x, floor - height * 0.36, 9, palette.light)
    pole = svg.stroke(f"M{x + 44:.0f} {floor:.0f}V{floor - height * 0.37:.0f}H{x:.0f}", palette.dark, 6)
    street = svg.rectangle(0, floor, width, height - floor, palette.dark)
    somebody = _figure(x - 16, floor, height * 0.17, palette.dark)
    return _houses(palette, width, height, palette.mid) + lamp + pole + street + somebody + drops


def _draw_sea(palette: Palette, width: int, height: int) -> str:
    """Return a low sun, and the way it makes on the water."""
    horizon, x = height * 0.52, width * palette.random.uniform(0.35, 0.65)
    return (
        _halo(x, horizon, width * 0.5)
        + svg.circle(x, horizon - height * 0.05, width * 0.15, palette.light)
        + svg.rectangle(0, horizon, width, height - horizon, palette.dark, 0.86)
        + _glitter(palette, x, width, height, horizon)
    )


def _glitter(palette: Palette, x: float, width: int, height: int, horizon: float) -> str:
    parts = []
    for step in range(14):
        y = horizon + 12 + step**2 * height * 0.0022
        half = width * (0.05 + 0.012 * step) * palette.random.uniform(0.6, 1.2)
        parts.append(svg.rectangle(x - half, y, 2 * half, 3 + step * 0.5, palette.light, 0.75 - step * 0.045))
    return "".join(parts)


def _draw_train(palette: Palette, width: int, height: int) -> str:
    """Return a lit train that crosses still water."""
    horizon, long, high = height * 0.5, width * 0.62, height * 0.05
    x, y = width * 0.16, horizon - high * 0.55
    moon = _halo(width * 0.7, height * 0.22, width * 0.3) + svg.circle(
        width * 0.7, height * 0.22, width * 0.08, palette.light
    )
    water = svg.rectangle(0, horizon, width, height - horizon, palette.bright, 0.5)
    parts = [moon, water]
    for side, opacity in ((1, 1.0), (-1, 0.35)):  # the train, and its image in the water
        top = y if side == 1 else horizon + high * 0.75
        for coach in range(2):
            left = x + coach * (long / 2 + 6)
            parts.append(svg.rectangle(left, top, long / 2, high, palette.dark, opacity))
            parts += [
                svg.rectangle(left + long * (0.03 + 0.064 * pane), top + high * 0.25, long * 0.045, high * 0.4,
                              palette.light, opacity)
                for pane in range(7)
            ]  # fmt: skip
    parts += [
        svg.rectangle(0, horizon + high * 1.9 + step**2 * 5, width, 2, palette.light, 0.28) for step in range(7)
    ]
    return "".join(parts)


def _draw_stage(palette: Palette, width: int, height: int) -> str:
    """Return a figure in a spotlight."""
    x, floor = width * palette.random.uniform(0.4, 0.6), height * 0.66
    return _spotlight(palette, width, height, x, floor) + _figure(x, floor, height * 0.22, palette.dark)


def _spotlight(palette: Palette, width: int, height: int, x: float, floor: float) -> str:
    reach = min(width, height) * 0.3
    beam = [(x - 14, 0.0), (x + 14, 0.0), (x + reach, floor), (x - reach, floor)]
    return (
        svg.polygon(beam, palette.light, 0.4)
        + svg.rectangle(0, floor, width, height - floor, palette.dark)
        + svg.ellipse(x, floor, reach * 1.07, height * 0.035, palette.light)
    )


def _draw_dancer(palette: Palette, width: int, height: int) -> str:
    """Return a ballerina on her toes between curtains, and her long shadow."""
    x, floor, unit = width * 0.5, height * 0.67, height * 0.0042
    parts = [_halo(x, floor - 62 * unit, min(width, height) * 0.5), _spotlight(palette, width, height, x, floor)]

    def at(*points: tuple[float, float]) -> str:
        return " ".join(f"{x + right * unit:.1f} {floor - up * unit:.1f}" for right, up in points)

    dark, bright = palette.dark, palette.bright
    parts += [
        svg.polygon([(x - 4, floor), (x + 4, floor), (x + 30, height), (x - 30, height)], dark, 0.5),
        svg.stroke(f"M{at((0, 1))}L{at((0.6, 22))}L{at((0, 44))}", dark, 3.4 * unit),  # the leg she stands on
        svg.stroke(f"M{at((0, 46))}L{at((17, 33))}L{at((2, 24))}", dark, 3.2 * unit),  # the other one, bent
        svg.path(
            f"M{at((-3, 47))}Q{at((-23, 45), (-27, 39))}Q{at((0, 34), (27, 39))}Q{at((23, 45), (3, 47))}Z", bright
        ),
        svg.path(f"M{at((-3.6, 46))}L{at((-4.6, 64))}L{at((4.6, 64))}L{at((3.6, 46))}Z", bright),
        svg.stroke(f"M{at((-4, 64))}Q{at((-17, 76), (-7, 90))}", dark, 2.3 * unit),
        svg.stroke(f"M{at((4, 64))}Q{at((17, 76), (7, 90))}", dark, 2.3 * unit),
        svg.stroke(f"M{at((0, 64))}L{at((0, 69))}", dark, 2.6 * unit),
        svg.circle(x, floor - 74 * unit, 4.6 * unit, dark),
        svg.circle(x, floor - 80 * unit, 2.2 * unit, dark),
    ]
    for side in (0, 1):
        edge = width * side
        inward = 1 if side == 0 else -1
        for fold in range(4):
            far = edge + inward * width * (0.2 - 0.05 * fold)
            hem = f"Q{far - inward * 26:.0f} {height * 0.4:.0f} {far:.0f} {height}"
            curtain = f"M{edge:.0f} 0H{far:.0f}{hem}H{edge:.0f}Z"
            parts.append(svg.path(curtain, palette.dark if fold % 2 else palette.mid, 0.92))
    return "".join(parts)


def _draw_curtain(palette: Palette, width: int, height: int) -> str:
    """Return a projector's beam over rows of seats."""
    x, y = width * 0.86, height * 0.12
    screen = svg.rectangle(width * 0.12, height * 0.24, width * 0.6, height * 0.26, palette.light, 0.92)
    beam = svg.polygon(
        [(x, y), (width * 0.12, height * 0.24), (width * 0.12, height * 0.5), (width * 0.72, height * 0.5)],
        palette.light, 0.25,
    )  # fmt: skip
    seats = "".join(
        svg.circle(
            width * (0.09 + 0.165 * seat + 0.08 * (row % 2)),
            height * (0.6 + 0.08 * row),
            width * 0.07,
            palette.dark,
        )
        for row in range(4)
        for seat in range(6)
    )
    floor = svg.rectangle(0, height * 0.6, width, height * 0.4, palette.dark, 0.75)
    return screen + beam + svg.circle(x, y, 12, palette.light) + floor + seats


def _draw_stairs(palette: Palette, width: int, height: int) -> str:
    """Return stairs up to a lit door, and somebody at their foot."""
    steps, top, bottom = 9, height * 0.36, height * 0.78
    door_x, foot_x = width * 0.66, width * 0.2
    light = _halo(door_x + width * 0.07, top - height * 0.08, width * 0.42)
    door = svg.rectangle(door_x, top - height * 0.16, width * 0.14, height * 0.16, palette.light)
    parts = [light, door]
    for step in range(steps):
        y = top + (bottom - top) * step / steps
        left = door_x - (door_x - foot_x) * step / steps
        parts.append(
            svg.rectangle(left, y, width - left, height - y, palette.dark if step % 2 else palette.mid, 0.95)
        )
        parts.append(svg.rectangle(left, y, width - left, 3, palette.light, 0.5))
    floor = svg.rectangle(0, bottom, width, height - bottom, palette.dark)
    return "".join(parts) + floor + _figure(foot_x - width * 0.02, bottom, height * 0.15, palette.dark)


def _draw_flames(palette: Palette, width: int, height: int) -> str:
    """Return a fire at night, and somebody who looks into it."""
    draw = palette.random
    x, floor = width * 0.54, height * 0.72
    parts = [_halo(x, floor - height * 0.14, width * 0.62)]
    for colour, tall, wide, opacity in (
        (palette.glow, 0.46, 0.2, 0.55), (palette.bright, 0.34, 0.15, 0.85), (palette.light, 0.2, 0.08, 0.95),
    ):  # fmt: skip
        for tongue in (-1, 0, 1):
            tip = floor - height * tall * (1 - 0.26 * abs(tongue)) * draw.uniform(0.92, 1.08)
            middle, half = x + tongue * width * wide * 0.8, width * wide
            parts.append(svg.path(
                f"M{middle - half:.0f} {floor:.0f}Q{middle - half:.0f} {floor - height * 0.12:.0f} "
                f"{middle + half * 0.25:.0f} {tip:.0f}Q{middle + half:.0f} {floor - height * 0.14:.0f} "
                f"{middle + half:.0f} {floor:.0f}Z", colour, opacity,
            ))  # fmt: skip
    sparks = "".join(
        svg.circle(x + width * draw.uniform(-0.36, 0.36), height * draw.uniform(0.06, 0.5), draw.uniform(1, 4),
                   palette.light, 0.8)
        for _ in range(26)
    )  # fmt: skip
    ground = svg.rectangle(0, floor - 4, width, height - floor + 4, palette.dark)
    return "".join(parts) + sparks + ground + _figure(width * 0.24, floor + 8, height * 0.2, palette.dark)


def _draw_road(palette: Palette, width: int, height: int) -> str:
    """Return a road through a desert, a lorry on it and the dust behind."""
    horizon, x = height * 0.5, width * 0.56
    sun = _halo(x, horizon - height * 0.1, width * 0.55) + svg.circle(
        x, horizon - height * 0.1, width * 0.19, palette.light
    )
    dunes = _ranges(palette, width, height, (palette.glow,))
    desert_top = horizon + height * 0.04
    desert = svg.rectangle(0, desert_top, width, height, palette.bright, 0.9)
    road = svg.polygon(
        [(x - 8, desert_top), (x + 8, desert_top), (width * 0.86, height), (width * 0.1, height)],
        palette.dark, 0.85,
    )  # fmt: skip
    lorry_x, lorry_y, unit = width * 0.53, height * 0.66, height * 0.001
    dust = "".join(
        svg.circle(lorry_x + (step - 3) * 34 * unit, lorry_y - (8 + 9 * (step % 3)) * unit, (34 + 6 * step) * unit,
                   palette.light, 0.28)
        for step in range(7)
    )  # fmt: skip
    lorry = (
        svg.rectangle(lorry_x - 38 * unit, lorry_y - 78 * unit, 76 * unit, 78 * unit, palette.dark)
        + svg.rectangle(lorry_x - 28 * unit, lorry_y - 66 * unit, 56 * unit, 24 * unit, palette.glow, 0.9)
        + "".join(
            svg.circle(lorry_x + side * 26 * unit, lorry_y - 14 * unit, 9 * unit, palette.light)
            for side in (-1, 1)
        )
    )
    return sun + dunes + desert + road + dust + lorry


def _draw_rings(palette: Palette, width: int, height: int) -> str:
    """Return rings around a light, broken here and there, and a small figure before them."""
    x, y = width * 0.5, height * 0.4
    reach = min(width, height) * 0.46
    rings = []
    for step in range(5):
        radius, start = reach * (1 - 0.15 * step), palette.random.uniform(0, 2 * pi)
        end = start + 2 * pi * palette.random.uniform(0.8, 0.96)
        rings.append(svg.stroke(
            f"M{x + radius * cos(start):.0f} {y + radius * sin(start):.0f}A{radius:.0f} {radius:.0f} 0 1 1 "
            f"{x + radius * cos(end):.0f} {y + radius * sin(end):.0f}",
            palette.light if step % 2 else palette.glow, reach * 0.05, 0.35 + 0.12 * step,
        ))  # fmt: skip
    figure = svg.rectangle(x - reach * 0.03, y - reach * 0.02, reach * 0.06, reach * 0.19, palette.dark)
    return _halo(x, y, reach) + "".join(rings) + svg.circle(x, y, reach * 0.17, palette.light) + figure


Scene = Callable[[Palette, int, int], str]
SCENES: Mapping[str, Scene] = {
    "hills": _draw_hills,
    "city": _draw_city,
    "sea": _draw_sea,
    "stage": _draw_stage,
    "rings": _draw_rings,
    "dancer": _draw_dancer,
    "rain": _draw_rain,
    "flames": _draw_flames,
    "stairs": _draw_stairs,
    "skyline": _draw_skyline,
    "train": _draw_train,
    "road": _draw_road,
    "comet": _draw_comet,
    "curtain": _draw_curtain,
}
"""What can be drawn, by the name that begins an image's name."""
_FOR_ANY_FILM = ("hills", "city", "sea", "stage", "rings", "skyline")
