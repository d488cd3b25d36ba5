"""Pictures of a star and of half a star, for emojis."""

import io
from math import cos, pi, sin

from PIL import Image, ImageDraw

SIZE = 128
"""Pixels of a side, which Discord recommends for emojis."""
_SCALE = 8
"""The picture is drawn this many times larger, for smooth edges."""
_STAR, _REST = "#E0A82E", "#8A8D93"
"""Marquee's yellow, and a grey that is seen on Discord's light and dark backgrounds alike."""
_INNER = 0.46
"""The inner radius of the star by the outer one: a little fuller than a pentagram, to be seen at 22 pixels."""


def draw_star(*, is_half: bool) -> bytes:
    """Return the PNG of a star, or of half a star beside the outline of the rest."""
    side = SIZE * _SCALE
    points = _list_points(side / 2, side * 0.54, side * 0.53)
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).polygon(points, fill=255)
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    image.paste(_STAR, mask=mask)
    if is_half:
        outline = Image.new("RGBA", (side, side), (0, 0, 0, 0))
        ImageDraw.Draw(outline).line([*points, points[0], points[1]], fill=_REST, width=side // 22, joint="curve")
        right = (side // 2, 0, side, side)
        image.paste((0, 0, 0, 0), right)
        image.alpha_composite(outline.crop(right), right[:2])
    file = io.BytesIO()
    image.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(file, "PNG", optimize=True)
    return file.getvalue()


def _list_points(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    """Return the ten corners of a star, the top one first."""
    points = []
    for corner in range(10):
        angle, length = corner * pi / 5, radius * (_INNER if corner % 2 else 1) * 0.95
        points.append((x + length * sin(angle), y - length * cos(angle)))
    return points
