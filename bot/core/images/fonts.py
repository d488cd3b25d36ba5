"""Fonts for drawn text: Noto Sans for every script for which it is installed.

The fonts of Latin, Greek, Cyrillic, Arabic and Devanagari letters are dependencies; those of Korean, Japanese and
Chinese, 30 MB large, come with the extra `cjk` or from the system's packages. All are under the SIL Open Font
License 1.1. Text that no font covers is not drawn: `is_drawable` tells beforehand.
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
"""For each script a file in a Python package, and one of system packages."""
_SYSTEM_FOLDERS = (
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
_EAST_ASIAN_MARKS = regex.compile(r"[\p{InCJK_Symbols_and_Punctuation}\p{InHalfwidth_and_Fullwidth_Forms}・ー]")
"""What Korean, Japanese and Chinese texts share, which the fonts of other scripts lack: `ー`, `、`, `：`."""
_SCRIPTS_TO_SHAPE = ("arabic", "devanagari")
"""Scripts whose letters are joined or combined by the layout engine Raqm."""
_SCRIPTS_WITH_HAN = ("hangul", "kana")
"""Han letters in Korean and Japanese text are drawn in that text's font."""


def get_script(letter: str, text: str = "") -> str | None:
    """Return the script whose font draws the letter of `text`, "" if any font does, None if there is no font."""
    if _EAST_ASIAN_MARKS.match(letter):
        return next((each for each in (*_SCRIPTS_WITH_HAN, "han") if _SCRIPTS[each].search(text)), "kana")
    if _COMMON.match(letter):
        return ""
    for script, letters in _SCRIPTS.items():
        if letters.match(letter):
            if script == "han":
                return next((each for each in _SCRIPTS_WITH_HAN if _SCRIPTS[each].search(text)), script)
            return script
    return None


def is_drawable(text: str) -> bool:
    """Return whether every letter of the text has a font here, and a layout engine that shapes it if needed."""
    by_letter = {get_script(letter, text) for letter in text}
    scripts = {script for script in by_letter if script}
    if None in by_letter or (scripts.intersection(_SCRIPTS_TO_SHAPE) and not features.check("raqm")):
        return False
    # Latin letters need none of these fonts: Pillow has one.
    return all(script == LATIN or find_font_file(script) is not None for script in scripts) and bool(text.strip())


def split_by_font(text: str, size: int) -> list[tuple[str, Font]]:
    """Return the text in pieces, left to right, each with the font that draws it."""
    pieces: list[tuple[str, str]] = []
    for letter in text.replace("\u00a0", " "):  # Pillow's own font has no glyph for it; nothing is wrapped here
        script = get_script(letter, text) or (pieces[-1][0] if pieces else LATIN)
        if pieces and pieces[-1][0] == script:
            pieces[-1] = (script, pieces[-1][1] + letter)
        else:
            pieces.append((script, letter))
    if pieces and pieces[0][0] == "arabic":
        pieces.reverse()
    return [(piece, load_font(script, size)) for script, piece in pieces]


def measure_width(pieces: Sequence[tuple[str, Font]]) -> float:
    """Return the width of the pieces together, in pixels."""
    return sum(font.getlength(piece) for piece, font in pieces)


def fit_text(text: str, size: int, width: float) -> list[tuple[str, Font]]:
    """Return as much of the text as fits into `width` pixels, in pieces with their fonts.

    A text with letters that have no font here is transliterated to Latin ones.
    """
    text = text if is_drawable(text) else anyascii(text)
    pieces = split_by_font(text, size)
    while measure_width(pieces) > width and len(text) > 1:
        text = text[:-1]
        pieces = split_by_font(text.rstrip() + "…", size)
    return pieces


@lru_cache(maxsize=64)
def load_font(script: str, size: int) -> Font:
    """Return the bold font of a script in that size, or Pillow's own font if none is installed."""
    path = find_font_file(script) or find_font_file(LATIN)
    if path is None:
        return ImageFont.load_default(size)
    layout = ImageFont.Layout.RAQM if features.check("raqm") else ImageFont.Layout.BASIC
    font = ImageFont.truetype(str(path), size, layout_engine=layout)
    if "[" in path.name:
        # A variable font is set by name: its axes and their order differ from font to font.
        font.set_variation_by_name("Bold")
    return font


@lru_cache(maxsize=16)
def find_font_file(script: str) -> Path | None:
    """Return the file of the font for a script, from a package or the system, or None."""
    packaged, system = _FILES[script]
    package, _, inside = packaged.partition("/")
    spec = find_spec(package)
    if spec is not None and spec.submodule_search_locations:
        for folder in spec.submodule_search_locations:
            for path in Path(folder).glob(inside):
                return path
    return next(_find_system_files(system), None)


def _find_system_files(name: str) -> Iterator[Path]:
    for folder in _SYSTEM_FOLDERS:
        yield from Path(folder).rglob(name)
