import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.normalise import canonical, fold, in_letters, keys_of, transliterate


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


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("rocky ii", "rocky 2"),
        ("rocky two", "rocky 2"),
        ("seven", "7"),
        ("se7en", "se7en"),
        ("saint maud", "st maud"),
        ("", ""),
    ],
)
def test_words_take_their_shortest_form(key: str, expected: str) -> None:
    assert canonical(key) == expected


@pytest.mark.parametrize(
    ("title", "keys"),
    [
        ("Alien", ("alien",)),
        ("Kill Bill: Vol. 2", ("kill bill|vol 2",)),
        ("Spider-Man - Far from Home", ("spider man|far from home",)),
        ("Sin City (Director's Cut)", ("sin city|directors cut",)),
        ("がんばれ", ("ganbare", "kanhare")),
        ("हंपी", ("hmpi", "h p")),
        ("…", ()),
        ("", ()),
    ],
)
def test_titles_become_keys(title: str, keys: tuple[str, ...]) -> None:
    assert keys_of(title) == keys


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


@pytest.mark.parametrize(
    ("key", "letters"),
    [
        ("se7en", "seven"),
        ("m3gan 2 0", "megan 2 0"),
        ("expend4bles", "expendables"),
        ("s1m0ne|again", "simone|again"),
        ("2001 h2o 1st 4ever rocky2 b2b", "2001 h2o 1st 4ever rocky2 b2b"),
    ],
)
def test_digits_within_words_are_letters(key: str, letters: str) -> None:
    assert in_letters(key) == letters
