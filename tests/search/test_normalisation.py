import pytest

from bot.search.normalisation import create_title_keys, replace_digit_letters, shorten_words


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
def test_words_are_shortened(key: str, expected: str) -> None:
    assert shorten_words(key) == expected


@pytest.mark.parametrize(
    ("title", "keys"),
    [
        ("Alien", ("alien",)),
        ("Kill Bill: Vol. 2", ("kill bill|vol 2",)),
        ("Spider-Man - Far from Home", ("spider man|far from home",)),
        ("Sin City (Director's Cut)", ("sin city|directors cut",)),
        ("Anatomie d'une chute", ("anatomie d une chute",)),
        ("L’Avventura", ("l avventura",)),
        ("DIVORZIO ALL'ITALIANA", ("divorzio all italiana",)),
        ("Qu’est-ce que l'été d`hier", ("qu est ce que l ete d hier",)),
        ("Ocean's Eleven, don't, o'er", ("oceans eleven dont oer",)),
        ("Rock 'n' Roll all'", ("rock n roll all",)),
        ("がんばれ", ("ganbare", "kanhare")),
        ("हंपी", ("hmpi", "h p")),
        ("…", ()),
        ("", ()),
    ],
)
def test_title_keys(title: str, keys: tuple[str, ...]) -> None:
    assert create_title_keys(title) == keys


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
def test_digits_within_words_become_letters(key: str, letters: str) -> None:
    assert replace_digit_letters(key) == letters
