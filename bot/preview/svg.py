"""The SVG elements that the try page's images are made of."""

from collections.abc import Iterable
from html import escape

FONTS = (
    "'Avenir Next', Avenir, 'Century Gothic', Futura, 'Noto Sans', 'Noto Sans KR', 'Noto Sans CJK KR', sans-serif"
)
Point = tuple[float, float]


def image(width: int, height: int, content: str) -> bytes:
    """Return an image of that size."""
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{content}</svg>'.encode()


def rectangle(x: float, y: float, width: float, height: float, fill: str, opacity: float = 1.0) -> str:
    """Return a rectangle whose upper left corner is at x, y."""
    place = f'x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}"'
    return f'<rect {place} fill="{fill}" opacity="{opacity:.2f}"/>'


def circle(x: float, y: float, radius: float, fill: str, opacity: float = 1.0) -> str:
    """Return a filled circle."""
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.1f}" fill="{fill}" opacity="{opacity:.2f}"/>'


def ellipse(x: float, y: float, x_radius: float, y_radius: float, fill: str) -> str:
    """Return a filled ellipse."""
    return f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{x_radius:.0f}" ry="{y_radius:.0f}" fill="{fill}"/>'


def polygon(points: Iterable[Point], fill: str, opacity: float = 1.0) -> str:
    """Return a filled shape with these corners."""
    corners = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
    return f'<polygon points="{corners}" fill="{fill}" opacity="{opacity:.2f}"/>'


def path(commands: str, fill: str, opacity: float = 1.0) -> str:
    """Return a filled shape drawn by a path's commands."""
    return f'<path d="{commands}" fill="{fill}" opacity="{opacity:.2f}"/>'


def stroke(commands: str, colour: str, width: float, opacity: float = 1.0) -> str:
    """Return a line with round ends drawn by a path's commands."""
    style = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'
    return f'<path d="{commands}" stroke="{colour}" stroke-width="{width:.1f}" opacity="{opacity:.2f}" {style}/>'


def text(x: float, y: float, size: float, content: str, style: str = "") -> str:
    """Return a line of text."""
    place = f'x="{x:.0f}" y="{y:.0f}" font-size="{size:.0f}" font-family="{FONTS}" fill="#fffaf0"'
    return f"<text {place} {style}>{escape(content)}</text>"
