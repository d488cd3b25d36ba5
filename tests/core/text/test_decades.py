import pytest

from bot.core.text.decades import translate_decades
from bot.core.text.folding import fold


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90er Jahre Horror", "90s Horror"),
        ("Filme der achtziger Jahre", "Filme der 80s"),
        ("2010er", "2010s"),
        ("films des années 90", "films des 90s"),
        ("années quatre-vingt-dix", "90s"),
        ("années soixante-dix", "70s"),
        ("películas de los años 80", "películas de los 80s"),
        ("década de 1990", "1990s"),
        ("anos noventa", "90s"),
        ("anni '70", "70s"),
        ("anni sessanta", "60s"),
        ("lata 90.", "90s"),
        ("lat osiemdziesiątych", "80s"),
        ("jaren 90", "90s"),
        ("jaren tachtig", "80s"),
        ("90'lar", "90s"),
        ("1990'ların filmi", "1990s filmi"),
        ("2010 yılları", "2010s"),
        ("90'lı yıllar", "90s"),
        ("2000'li yılların", "2000s"),
        ("DOKSANLAR", "90s"),
        ("90-е", "90s"),
        ("фильмы 1980-х годов", "фильмы 1980s"),
        ("девяностые", "90s"),
        ("90年代のホラー", "90sのホラー"),
        ("1990年代", "1990s"),
        ("八十年代", "80s"),
        ("90년대 영화", "90s 영화"),
    ],
)
def test_decades_of_every_language_are_read(text: str, expected: str) -> None:
    assert translate_decades(text) == expected
    assert fold(translate_decades(fold(text))) == fold(expected)


@pytest.mark.parametrize(
    "text", ["90s", "1990s horror", "blade runner 2049", "12 angry men", "300", "der 90. geburtstag",
             "hace 20 años", "die 68er", "50 first dates", "1900", "Filme 1990 er ist gut"],
)  # fmt: skip
def test_other_numbers_stay(text: str) -> None:
    assert translate_decades(text) == text
