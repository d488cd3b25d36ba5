import io
from collections.abc import Iterator

import discord
import pytest
from PIL import Image, features

from bot.core.images import fonts
from bot.core.images.title_card import HEIGHT, WIDTH
from bot.films.card import create_film_title_card
from bot.films.models import Film

COLOUR = discord.Colour(0x3366CC)


def film(title: str, original: str = "") -> Film:
    return Film(id="some-film", title=title, original_title=original or title, year=1999, runtime=95)


def drawn(made: discord.File) -> Image.Image:
    return Image.open(io.BytesIO(made.fp.read())).convert("RGB")


@pytest.mark.parametrize(
    "title",
    [
        "버닝",
        "千と千尋の神隠し",
        "花樣年華",
        "Сталкер",
        "باب الحديد",
        "मदर इंडिया",
        "Ζορμπάς",
        "Amélie",
        "Night & Day: 2½",
    ],
)
def test_every_script_has_its_glyphs(title: str) -> None:
    assert fonts.is_drawable(title)
    made = create_film_title_card(film(title), COLOUR)
    assert made.description == f"Title card: {title}, 1999 · 1\u00a0h\u00a035\u00a0min"
    picture = drawn(made)
    assert picture.size == (WIDTH, HEIGHT)
    # Every letter is its own: a font without it would draw the same box for each.
    letters = {letter for letter in title if letter.isalpha()}
    shapes = {bytes(fonts.split_by_font(letter, 40)[0][1].getmask(letter)) for letter in letters}
    assert len(shapes) == len(letters)


def test_the_servers_colour_is_in_the_card() -> None:
    colours = {
        colour for _, colour in drawn(create_film_title_card(film("Burning"), COLOUR)).getcolors(1_000_000) or []
    }
    assert COLOUR.to_rgb() in colours


def test_a_title_without_a_font_gives_way_to_another() -> None:
    made = create_film_title_card(
        Film(id="x", title="ᚠᚢᚦ", original_title="ᚠᚢᚦ", year=None, other_titles=("Runes",)), COLOUR
    )
    assert made.description == "Title card: Runes"


@pytest.fixture
def no_packages(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No font is installed: neither the extra's nor the system's."""
    monkeypatch.setattr(fonts, "find_spec", lambda _: None)
    monkeypatch.setattr(fonts, "_SYSTEM_FOLDERS", ())
    fonts.find_font_file.cache_clear()
    fonts.load_font.cache_clear()
    yield
    monkeypatch.undo()
    fonts.find_font_file.cache_clear()
    fonts.load_font.cache_clear()


@pytest.mark.usefixtures("no_packages")
def test_without_fonts_the_latin_title_is_drawn() -> None:
    assert fonts.is_drawable("Burning")
    assert not fonts.is_drawable("버닝")
    made = create_film_title_card(film("Burning", "버닝"), COLOUR)
    assert made.description == "Title card: Burning, 1999 · 1\u00a0h\u00a035\u00a0min"
    assert drawn(made).size == (WIDTH, HEIGHT)


@pytest.mark.usefixtures("no_packages")
def test_without_fonts_a_space_that_does_not_break_is_no_box() -> None:
    shapes = [
        [(piece, bytes(font.getmask(piece))) for piece, font in fonts.split_by_font(f"1{gap}h", 40)]
        for gap in " \u00a0"
    ]
    assert shapes[0] == shapes[1]


@pytest.mark.usefixtures("no_packages")
@pytest.mark.parametrize(
    ("title", "latin"),
    [("버닝", "BeoNing"), ("花樣年華", "HuaYangNianHua"), ("باب الحديد", "bb lhdyd"), ("ก", "k")],
)
def test_without_fonts_and_a_latin_title_its_letters_are_written_in_latin(title: str, latin: str) -> None:
    made = create_film_title_card(film(title), COLOUR)
    assert made.description == f"Title card: {latin}, 1999 · 1\u00a0h\u00a035\u00a0min"


def test_the_wheels_of_pillow_shape_arabic_and_devanagari() -> None:
    assert features.check("raqm")
    # Shaped, a letter looks otherwise inside a word than alone; a conjunct is one shape of two letters.
    for word, parts in (("باب", ("ب", "ا", "ب")), ("क्ष", ("क", "्", "ष"))):
        ((_, font),) = fonts.split_by_font(word, 60)
        assert font.getlength(word) < sum(font.getlength(part) for part in parts) - 2


def test_without_shaping_scripts_that_need_it_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts.features, "check", lambda _: False)
    assert not fonts.is_drawable("باب الحديد")
    assert fonts.is_drawable("Сталкер")


@pytest.mark.parametrize("title", ["x" * 400, "word " * 80, "W" * 30, " ", "‮reversed", "\x00"])
def test_no_title_breaks_the_card(title: str) -> None:
    assert drawn(create_film_title_card(film(title), COLOUR)).size == (WIDTH, HEIGHT)


def test_halves_have_a_glyph() -> None:
    font = fonts.load_font(fonts.LATIN, 22)
    missing = font.getmask("\ufffe")
    assert bytes(font.getmask("½")) != bytes(missing)
    assert bytes(font.getmask("4")) != bytes(missing)
