"""How a film that was found is named in autocomplete and in menus."""

from bot.films.autocomplete import film_choice
from bot.films.views import match_option
from bot.search.engine import TitleIndex
from bot.search.index import Match, TitleEntry

INDEX = TitleIndex(
    [
        TitleEntry("boat", "The Boat", "Das Boot", 1981, ("Wolfgang Petersen",), ("Le Bateau", "B" * 120), 90,
                   title_languages=("fr", "")),
        TitleEntry("alien", "Alien", "Alien", 1979, ("Ridley Scott",), ("Le Huitième Passager",), 95,
                   title_languages=("fr",)),
    ]
)  # fmt: skip


def find(text: str, *locale_keys: str) -> Match:
    return INDEX.search(text, 1, locale_keys=locale_keys)[0]


def test_autocomplete_names_the_title_by_which_a_film_was_found() -> None:
    assert film_choice(find("alien")).name == "Alien (1979) · Ridley Scott"
    assert film_choice(find("huitieme pass")).name == "Alien (1979) · Le Huitième Passager"
    assert film_choice(find("huitieme pass", "fr")).name == "Le Huitième Passager (1979) · Ridley Scott"
    assert film_choice(find("das boot")).name == "The Boat (1981) · Das Boot"
    name = film_choice(find("b" * 120)).name
    assert name.startswith("The Boat (1981) · BBB")
    assert len(name) <= 100


def test_a_menu_says_how_else_a_film_is_known() -> None:
    assert match_option(find("alien")).description == "Ridley Scott"
    found = match_option(find("huitieme pass"))
    assert (found.label, found.description) == (
        "Alien (1979)",
        "Also known as “Le Huitième Passager” · Ridley Scott",
    )
    # the original title is named in any case
    assert match_option(find("das boot")).description == "Das Boot · Wolfgang Petersen"
    described = match_option(find("le bateau")).description
    assert described == "Also known as “Le Bateau” · Das Boot · Wolfgang Petersen"
