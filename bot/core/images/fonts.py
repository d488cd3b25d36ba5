"""Fonts for drawn titles: Noto Sans for every script, as far as it is installed.

The fonts of Latin, Greek, Cyrillic, Arabic and Devanagari letters are dependencies; those of Korean, Japanese and
Chinese, 30 MB large, come with the extra `cjk` or from the system's own packages. All are under the SIL Open Font
License 1.1. What no font covers is not drawn: `drawable` says so beforehand.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import regex
from anyascii import anyascii
from PIL import ImageFont, features

LATIN = "latin"
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
_FILES = {
    LATIN: ("fontpkg_noto_sans/files/NotoSans[[]wdth,wght].ttf", "NotoSans-Bold.ttf"),
    "arabic": ("fontpkg_noto_sans_arabic/files/NotoSansArabic[[]wdth,wght].ttf", "NotoSansArabic-Bold.ttf"),
    "devanagari": (
        "fontpkg_noto_sans_devanagari/files/NotoSansDevanagari[[]wdth,wght].ttf",
        "NotoSansDevanagari-Bold.ttf",
    ),
    "hangul": ("justmytype_intl_cjk/fonts/ofl/notosanskr/NotoSansKR[[]wght].ttf", "NotoSansCJK-Bold.ttc"),
    "kana": ("justmytype_intl_cjk/fonts/ofl/notosansjp/NotoSansJP[[]wght].ttf", "NotoSansCJK-Bold.ttc"),
    "han": ("justmytype_intl_cjk/fonts/ofl/notosanssc/NotoSansSC[[]wght].ttf", "NotoSansCJK-Bold.ttc"),
}
"""For each script a file in a Python package, and one that system packages bring."""
_SYSTEM = (
    "/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts", "C:/Windows/Fonts",
)  # fmt: skip
_SCRIPTS = {
    "arabic": regex.compile(r"\p{Arabic}"),
    "devanagari": regex.compile(r"\p{Devanagari}"),
    "hangul": regex.compile(r"\p{Hangul}"),
    "kana": regex.compile(r"[\p{Hiragana}\p{Katakana}]"),
    "han": regex.compile(r"\p{Han}"),
    LATIN: regex.compile(r"[\p{Latin}\p{Greek}\p{Cyrillic}]"),
}
_COMMON = regex.compile(r"[\p{Common}\p{Inherited}]")
_SHAPED = ("arabic", "devanagari")
_HAN_WITH = ("hangul", "kana")
"""Korean and Japanese text that holds Han letters is drawn in its own font's."""


def script_of(letter: str, around: str = "") -> str | None:
    """Give the script whose font draws the letter, "" for one that any font draws, None for one without a font."""
    if _COMMON.match(letter):
        return ""
    for script, letters in _SCRIPTS.items():
        if letters.match(letter):
            if script == "han":
                return next((each for each in _HAN_WITH if _SCRIPTS[each].search(around)), script)
            return script
    return None


def drawable(text: str) -> bool:
    """Tell whether every letter of the text has a font here, and one that joins it properly where it must be."""
    found = {script_of(letter, text) for letter in text}
    scripts = {script for script in found if script}
    if None in found or (scripts.intersection(_SHAPED) and not features.check("raqm")):
        return False
    # Latin letters need no font of ours: Pillow has one.
    return all(script == LATIN or _file(script) is not None for script in scripts) and bool(text.strip())


def runs(text: str, size: int) -> list[tuple[str, Font]]:
    """Give the text in pieces, each with the font that draws it, left to right."""
    pieces: list[tuple[str, str]] = []
    for letter in text.replace("\u00a0", " "):  # for which Pillow's own font has a box; nothing is wrapped here
        script = script_of(letter, text) or (pieces[-1][0] if pieces else LATIN)
        if pieces and pieces[-1][0] == script:
            pieces[-1] = (script, pieces[-1][1] + letter)
        else:
            pieces.append((script, letter))
    if pieces and pieces[0][0] == "arabic":
        pieces.reverse()
    return [(piece, font(script, size)) for script, piece in pieces]


def width(pieces: Sequence[tuple[str, Font]]) -> float:
    """Give how wide the pieces are together."""
    return sum(font.getlength(piece) for piece, font in pieces)


def fitting(text: str, size: int, widest: float) -> list[tuple[str, Font]]:
    """Give as much of the text as fits, in pieces; in Latin letters where some of its own have no font here."""
    text = text if drawable(text) else anyascii(text)
    pieces = runs(text, size)
    while width(pieces) > widest and len(text) > 1:
        text = text[:-1]
        pieces = runs(text.rstrip() + "…", size)
    return pieces


@lru_cache(maxsize=64)
def font(script: str, size: int) -> Font:
    """Give the bold font of a script in that size; Pillow's own where none is installed."""
    path = _file(script) or _file(LATIN)
    if path is None:
        return ImageFont.load_default(size)
    layout = ImageFont.Layout.RAQM if features.check("raqm") else ImageFont.Layout.BASIC
    found = ImageFont.truetype(str(path), size, layout_engine=layout)
    if "[" in path.name:
        # By name instead of by axes: which axes a font has, and in which order, is its own affair.
        found.set_variation_by_name("Bold")
    return found


@lru_cache(maxsize=16)
def _file(script: str) -> Path | None:
    packaged, system = _FILES[script]
    package, _, inside = packaged.partition("/")
    spec = find_spec(package)
    if spec is not None and spec.submodule_search_locations:
        for folder in spec.submodule_search_locations:
            for path in Path(folder).glob(inside):
                return path
    return next(_installed(system), None)


def _installed(name: str) -> Iterator[Path]:
    for folder in _SYSTEM:
        yield from Path(folder).rglob(name)
