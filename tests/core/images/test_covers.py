import io

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.core.images import covers, fonts
from bot.core.images.covers import Cover, ProfilePicture, create_cover_sheet, create_profile_picture

TITLES = (
    "Oldboy",
    "기생충",
    "千と千尋の神隠し",
    "باب الحديد",
    "Koyaanisqatsi",
    "Dr. Strangelove " * 9,
    "ᚠᚢᚦ",
    "🎬",
)
LABELS = ("½", "1", "1½", "2", "2½", "3", "3½", "4", "4½", "5")


def opened(file: discord.File) -> Image.Image:
    return Image.open(io.BytesIO(file.fp.read())).convert("RGB")


def sheet(count: int) -> Image.Image:
    shown = [Cover(f"film-{i}", TITLES[i % len(TITLES)], 2000 + i, f"{i + 1} · ★ 4.5") for i in range(count)]
    return opened(create_cover_sheet(shown, filename="top.png", description="Ten films"))


@pytest.mark.parametrize(("count", "height"), [(1, 547), (3, 547), (5, 355), (7, 812), (10, 668), (12, 668)])
def test_a_sheet_is_never_taller_than_wide(count: int, height: int) -> None:
    assert sheet(count).size == (1_000, height)


def test_stars_are_drawn_and_each_film_keeps_its_colour() -> None:
    picture = sheet(5)
    colours = {colour for _, colour in picture.getcolors(1_000_000) or []}
    assert (0xE0, 0xA8, 0x2E) in colours
    first = picture.getpixel((60, 70))
    assert first in {tuple(bytes.fromhex(each[1:])) for each in covers.COLOURS}
    assert sheet(10).getpixel((60, 70)) == first


@given(st.text(max_size=120))
@settings(max_examples=40, deadline=None)
def test_every_title_stays_inside_its_cover(title: str) -> None:
    size, lines = covers._fit_lines(covers._clean(title) or "?", 152, 164)
    assert len(lines) * size * covers.LINE_HEIGHT <= 164
    assert all(covers._measure(line.rstrip("…"), size) <= 152 for line in lines)


def profile(avatar: bytes = b"", name: str = "Mina 민아") -> Image.Image:
    facts = (("Favourite directors", ("Park Chan-wook", "Bong Joon-ho", "Agnès Varda")),)
    film = Cover("film", "Oldboy", 2003, "★★★★½")
    picture = ProfilePicture(name, "2 films rated", facts, (0,) * 9 + (2,), LABELS, (film,), avatar)
    return opened(create_profile_picture(picture, filename="profile.png", description="Mina"))


def test_the_avatar_is_in_the_profile_and_a_broken_one_is_left_out() -> None:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "#12FE34").save(file, "PNG")
    centre = (covers.MARGIN + 20, covers.MARGIN + covers.AVATAR_SIZE // 2)
    assert profile(file.getvalue()).getpixel(centre) == (0x12, 0xFE, 0x34)
    for broken in (b"", b"not a picture", file.getvalue()[:40]):
        assert profile(broken).getpixel(centre) != (0x12, 0xFE, 0x34)
    assert profile(name="🎬").size == profile().size


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        ("インターステラー", "イ ン ター ス テ ラー"),
        ("DUNE/デューン", "DUNE/ デュー ン"),
        ("(500)日のサマー", "(500) 日 の サ マー"),
        ("「君の名は。」", "「君 の 名 は。」"),
        ("和莎莫的500天", "和 莎 莫 的 500 天"),
        ("Spider-Man", "Spider-Man"),
        ("続・夕陽（", "続・ 夕 陽 （"),
    ],
)
def test_no_line_begins_with_what_belongs_to_the_letter_before(title: str, parts: str) -> None:
    assert [part for part, _ in covers._split(title)] == parts.split()


def test_marks_that_only_east_asian_fonts_have_are_drawn_in_one_of_them() -> None:
    assert fonts.get_script("ー", "ー") == "kana"
    assert fonts.get_script("，", "和，") == "han"
    assert fonts.get_script("·", "가·나") == ""
