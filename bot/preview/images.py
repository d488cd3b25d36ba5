"""Draws the try page's images as SVG: people's avatars, and posters and stills in place of TMDB's.

The page loads nothing from the network.
"""

import colorsys
import random
from collections.abc import Callable, Iterable
from functools import partial
from hashlib import sha256
from html import escape

from bot.films.metadata import Details
from bot.sources.tmdb.parse import parse_details
from bot.sources.tmdb.replay import RecordedReply

Draw = Callable[[], bytes]
FilmImages = dict[str, tuple[str, Draw]]
"""A path below /media and the function that draws the image, by TMDB's address."""
POSTER_WIDTH, POSTER_HEIGHT = 600, 900
STILL_WIDTH, STILL_HEIGHT = 1280, 720
LINE_LENGTH = 13
"""Letters of a poster's title in a line; a longer word has a line of its own, in smaller letters."""
_FONTS = (
    "'Avenir Next', Avenir, 'Century Gothic', Futura, 'Noto Sans', 'Noto Sans KR', 'Noto Sans CJK KR', sans-serif"
)


def find_film_images(replies: Iterable[RecordedReply]) -> FilmImages:
    """Return how to draw each poster and still that the replies name: when somebody looks at them."""
    images: FilmImages = {}
    for reply in replies:
        for body in reply.bodies:
            details = parse_details(body) if isinstance(body, dict) and "images" in body else None
            if details is not None:
                images |= _find_images(details)
    return images


def _find_images(details: Details) -> FilmImages:
    title = details.get_text("en").title
    images: FilmImages = {}
    if details.poster:
        images[details.poster] = _path_of(details.poster), partial(draw_poster, title)
    for number, url in enumerate(details.stills):
        images[url] = _path_of(url), partial(draw_still, title, number)
    return images


def _path_of(url: str) -> str:
    return "film/" + url.rpartition("/")[2].rpartition(".")[0] + ".svg"


def draw_avatar(letter: str, colour: str) -> bytes:
    """Return a letter on a coloured background."""
    text = _text(40, 42, 38, letter, 'font-weight="600" text-anchor="middle" dominant-baseline="middle"')
    return _svg(80, 80, _rect(0, 0, 80, 80, colour) + text)


def draw_marquee_avatar() -> bytes:
    """Return the bot's avatar: a cinema's canopy with lamps, and an M."""
    canopy = _rect(0, 0, 80, 80, "#8E1B2E") + _rect(8, 14, 64, 52, "#5E0F1E") + _rect(13, 26, 54, 28, "#FBF3DC")
    lamps = "".join(_circle(x, y, 2.6, "#FFF3C4") for y in (20, 60) for x in range(14, 70, 10))
    letter = (
        '<path d="M28 48V32l12 11 12-11v16" fill="none" stroke="#8E1B2E" stroke-width="5" '
        'stroke-linejoin="round" stroke-linecap="round"/>'
    )
    return _svg(80, 80, canopy + lamps + letter)


class _Palette:
    """Colours that go together, the same for all images of a film."""

    def __init__(self, title: str) -> None:
        self.random = random.Random(sha256(title.encode()).digest())  # noqa: S311
        hue = self.random.random()
        self.sky = _colour(hue, 0.62, 0.13)
        self.glow = _colour((hue + self.random.choice((0.08, 0.45, 0.55, 0.92))) % 1, 0.72, 0.58)
        self.light = _colour((hue + 0.1) % 1, 0.55, 0.86)
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
    red, green, blue = (round(part * 255) for part in colorsys.hls_to_rgb(hue, lightness, saturation))
    return f"#{red:02x}{green:02x}{blue:02x}"


def draw_poster(title: str) -> bytes:
    """Return a poster: a scene of simple shapes in the film's colours, and its title below."""
    palette, width, height = _Palette(title), POSTER_WIDTH, POSTER_HEIGHT
    scene = palette.random.choice(_SCENES)(palette, width, height)
    lines = _break_lines(title)
    size = min(92, int(width * 1.42 / max(5, *map(len, lines))))
    top = height - 70 - (len(lines) - 1) * size * 1.06
    text = "".join(
        _text(44, top + number * size * 1.06, size, line.upper(), 'font-weight="800" letter-spacing="1"')
        for number, line in enumerate(lines)
    )
    shade = _rect(0, height * 0.5, width, height * 0.5, "url(#shade)")
    rule = _rect(44, top - size - 24, 64, 5, palette.light)
    sky = _rect(0, 0, width, height, "url(#sky)")
    return _svg(width, height, palette.gradients + sky + scene + shade + rule + text)


def draw_still(title: str, number: int) -> bytes:
    """Return a still: another scene in the film's colours, the picture of a wide screen."""
    palette, width, height = _Palette(title), STILL_WIDTH, STILL_HEIGHT
    palette.random.seed(f"{title} {number}")
    scene = _SCENES[number % len(_SCENES)](palette, width, height)
    bars = "".join(_rect(0, y, width, 58, "#000") for y in (0, height - 58))
    return _svg(width, height, palette.gradients + _rect(0, 0, width, height, "url(#sky)") + scene + bars)


def _break_lines(title: str) -> list[str]:
    """Return the title's words in lines of about LINE_LENGTH letters."""
    lines: list[str] = []
    for word in title.split():
        if lines and len(lines[-1]) + 1 + len(word) <= LINE_LENGTH:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def _svg(width: int, height: int, content: str) -> bytes:
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{content}</svg>'.encode()


def _rect(x: float, y: float, width: float, height: float, fill: str, opacity: float = 1.0) -> str:
    place = f'x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}"'
    return f'<rect {place} fill="{fill}" opacity="{opacity:.2f}"/>'


def _circle(x: float, y: float, radius: float, fill: str) -> str:
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.1f}" fill="{fill}"/>'


def _ellipse(x: float, y: float, x_radius: float, y_radius: float, fill: str) -> str:
    return f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{x_radius:.0f}" ry="{y_radius:.0f}" fill="{fill}"/>'


def _polygon(points: Iterable[tuple[float, float]], fill: str, opacity: float) -> str:
    corners = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
    return f'<polygon points="{corners}" fill="{fill}" opacity="{opacity:.2f}"/>'


def _text(x: float, y: float, size: float, text: str, style: str) -> str:
    place = f'x="{x:.0f}" y="{y:.0f}" font-size="{size:.0f}" font-family="{_FONTS}" fill="#fffaf0"'
    return f"<text {place} {style}>{escape(text)}</text>"


def _halo(x: float, y: float, radius: float) -> str:
    return _circle(x, y, radius, "url(#halo)")


def _draw_hills(palette: _Palette, width: int, height: int) -> str:
    """Return a sun or a moon over three ranges of hills."""
    draw = palette.random
    x, y, radius = width * draw.uniform(0.28, 0.72), height * draw.uniform(0.22, 0.34), min(width, height) * 0.17
    parts = [_halo(x, y, radius * 2.4), _circle(x, y, radius, palette.light)]
    for depth, colour in enumerate((palette.glow, palette.mid, palette.dark)):
        base = height * (0.46 + 0.11 * depth)
        ridge = [(width * step / 7, base + height * draw.uniform(-0.06, 0.06)) for step in range(8)]
        parts.append(_polygon([(0, height), *ridge, (width, height)], colour, 0.72 + 0.14 * depth))
    return "".join(parts)


def _draw_city(palette: _Palette, width: int, height: int) -> str:
    """Return houses at night with some windows lit."""
    draw = palette.random
    parts = [_halo(width * 0.5, height * 0.5, width * 0.6)]
    for depth, colour in enumerate((palette.mid, palette.dark)):
        x = -20.0
        while x < width:
            wide, high = width * draw.uniform(0.09, 0.17), height * (draw.uniform(0.26, 0.5) - 0.05 * depth)
            top = height * 0.86 - high
            parts.append(_rect(x, top, wide, height, colour))
            parts += [
                _rect(x + wide * (0.16 + 0.26 * column), top + 24 + row * 34, wide * 0.15, 15, palette.light, 0.8)
                for row in range(int(high / 34))
                for column in range(3)
                if draw.random() < 0.2 + 0.12 * depth
            ]
            x += wide + draw.uniform(-4, 10)
    return "".join(parts)


def _draw_sea(palette: _Palette, width: int, height: int) -> str:
    """Return a low sun, and the way it makes on the water."""
    draw = palette.random
    horizon, x = height * 0.52, width * draw.uniform(0.35, 0.65)
    parts = [
        _halo(x, horizon, width * 0.5),
        _circle(x, horizon - height * 0.05, width * 0.15, palette.light),
        _rect(0, horizon, width, height - horizon, palette.dark, 0.86),
    ]
    for step in range(14):
        y, half = horizon + 12 + step**2 * height * 0.0022, width * (0.05 + 0.012 * step) * draw.uniform(0.6, 1.2)
        parts.append(_rect(x - half, y, 2 * half, 3 + step * 0.5, palette.light, 0.75 - step * 0.045))
    return "".join(parts)


def _draw_stage(palette: _Palette, width: int, height: int) -> str:
    """Return a figure in a spotlight."""
    x, floor = width * palette.random.uniform(0.4, 0.6), height * 0.66
    tall, reach = height * 0.22, width * 0.27
    beam = [(x - 14, 0.0), (x + 14, 0.0), (x + reach, floor), (x - reach, floor)]
    shoulder = floor - tall * 0.84
    coat = (
        f"M{x - tall * 0.2:.0f} {floor:.0f} Q{x - tall * 0.24:.0f} {shoulder:.0f} {x:.0f} {shoulder:.0f} "
        f"Q{x + tall * 0.24:.0f} {shoulder:.0f} {x + tall * 0.2:.0f} {floor:.0f}Z"
    )
    return (
        _polygon(beam, palette.light, 0.4)
        + _rect(0, floor, width, height - floor, palette.dark)
        + _ellipse(x, floor, reach * 1.07, height * 0.035, palette.light)
        + _ellipse(x, floor - tall, tall * 0.13, tall * 0.15, palette.dark)
        + f'<path d="{coat}" fill="{palette.dark}"/>'
    )


def _draw_rings(palette: _Palette, width: int, height: int) -> str:
    """Return rings around a light, and a small figure before them."""
    x, y = width * 0.5, height * 0.4
    reach = min(width, height) * 0.46
    rings = "".join(
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{reach * (1 - 0.15 * step):.0f}" fill="none" '
        f'stroke="{palette.light if step % 2 else palette.glow}" stroke-width="{reach * 0.05:.0f}" '
        f'opacity="{0.35 + 0.12 * step:.2f}"/>'
        for step in range(5)
    )
    figure = _rect(x - reach * 0.03, y - reach * 0.02, reach * 0.06, reach * 0.19, palette.dark)
    return _halo(x, y, reach) + rings + _circle(x, y, reach * 0.17, palette.light) + figure


_SCENES = (_draw_hills, _draw_city, _draw_sea, _draw_stage, _draw_rings)
