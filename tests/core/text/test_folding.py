import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.text.folding import find_titles, fold, transliterate


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Amélie", "amelie"),
        ("The Lord of the Rings: The Two Towers", "the lord of the rings the two towers"),
        ("Fast & Furious", "fast and furious"),
        ("Singin' in the Rain", "singin in the rain"),
        ("WALL·E", "wall e"),
        ("  Trailing   spaces ", "trailing spaces"),
        ("ＦＵＬＬ　ＷＩＤＴＨ", "full width"),
        ("발레리나", "발레리나"),
        ("がんばれ", "がんばれ"),
        ("Сталкёр", "сталкер"),
        ("zero\u200bwidth \u202ebidi", "zerowidth bidi"),
        ("🎬🍿", ""),
        ("दिल-चाहता", "दिल चाहता"),
        ("กินทามะ!", "กินทามะ"),
        ("മോഹൻലാൽ", "മോഹൻലാൽ"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "latin"), [("발레리나", "ballelina"), ("Сталкер", "stalker"), ("リング", "ringu"), ("شیر", "shyr")]
)
def test_transliterate(text: str, latin: str) -> None:
    assert transliterate(fold(text)) == latin


@given(st.text(max_size=300))
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert once == once.strip()


@given(st.text(alphabet=st.characters(categories=["L", "M", "N", "P", "Z", "C", "S"]), max_size=100))
def test_transliteration_is_plain_letters(text: str) -> None:
    latin = transliterate(fold(text))
    assert all(
        character.isalnum() or character == " " for character in latin if unicodedata.category(character)[0] != "M"
    )


TITLES = ["Burning", "Amélie", "The Lord of the Rings", "Lords of Dogtown", "Сталкер"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", TITLES),
        ("AMELIE", ["Amélie"]),
        ("amé", ["Amélie"]),
        ("ameile", ["Amélie"]),
        ("lord", ["Lords of Dogtown", "The Lord of the Rings"]),
        ("ring lord", ["The Lord of the Rings"]),
        ("stalker", ["Сталкер"]),
        ("xyz", []),
        ("?!", TITLES),
    ],
)
def test_titles_of_a_short_list_are_found(typed: str, found: list[str]) -> None:
    assert find_titles(typed, TITLES, lambda title: (title,)) == found


@given(st.text(max_size=20))
def test_any_text_finds_some_titles_or_none(typed: str) -> None:
    assert set(find_titles(typed, TITLES, lambda title: (title,), 3)) <= set(TITLES)
