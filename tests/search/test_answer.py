"""Whether the best match is shown as the film that was meant, or titles to choose from."""

import pytest

from bot.search.answer import Answer, judge_matches
from bot.search.engine import TitleIndex
from bot.search.index import TitleEntry


def film(title: str, fame: float, *others: str, original: str = "") -> TitleEntry:
    return TitleEntry(title, title, original or title, 2000, other_titles=others, fame=fame)


FILMS = TitleIndex(
    (
        film("Fargo", 88),
        film("Dark Waters", 75),
        film("The Strangers: Chapter 1", 60),
        film("Titane", 84),
        film("Dogma", 78),
        film("Nope", 90, "Нет", "!Nope!"),
        film("Shutter Island", 92, "隔離島"),
        film("Rise of the Planet of the Apes", 85, "Planeta dos Macacos: A Origem"),
        film("The Little Mermaid", 86, "La sirenita"),
        film("Spider-Man: Into the Spider-Verse", 93),
        film("Harry Potter and the Order of the Phoenix", 90),
        film("The Color of Money", 70, "The Hustler 2"),
        film("Bullet Train", 85),
        film("mother!", 84, "마더!"),
        film("The Big Lebowski", 88),
        film("The Super Mario Bros. Movie", 87),
        film("The Shining", 92),
        film("Elvira, Mistress of the Dark", 60, "Elvira: Mistress of the Dark"),
        film("Anchorman: The Legend of Ron Burgundy", 78),
        film("Reservoir Dogs", 91),
        film("Ratatouille", 92),
        film("Solo: A Star Wars Story", 82),
        film("Your Name", 90, original="君の名は"),
        film("Decision to Leave", 84, original="헤어질 결심"),
        film("Stalker", 86, original="Сталкер"),
        film("Life Is Beautiful", 85, original="La vita è bella"),
    )
)


@pytest.mark.parametrize(
    "typed",
    [
        "cargo",  # another first letter is another word
        "dark water",  # so is the plural
        "the stranger",
        "titan ae",
        "dog man",
        "the net",  # three letters that Cyrillic ones are read as
        "felidae",
        "plane",  # a part of a title of another country
        "serenity",
        "spider",  # too small a part of the title
        "the order",
        "the hustler",
        "bullitt",
        "madea",
        "one nope",  # words that mean nothing only after a title
        "we have a titane",
    ],
)
def test_a_title_that_the_catalogue_lacks_is_not_answered_by_the_card_of_another_film(typed: str) -> None:
    assert judge_matches(typed, None, FILMS.search(typed)).answer in (Answer.CHOICE, Answer.NONE)


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("lebowski", "The Big Lebowski"),
        ("mario", "The Super Mario Bros. Movie"),
        ("shinning", "The Shining"),
        ("elvira", "Elvira, Mistress of the Dark"),  # what stands before a colon
        ("anchorman", "Anchorman: The Legend of Ron Burgundy"),
        ("solo", "Solo: A Star Wars Story"),
        ("reservoir dog", "Reservoir Dogs"),
        ("rattatouie", "Ratatouille"),
        ("your nane", "Your Name"),
        ("reservoirdogs", "Reservoir Dogs"),
        ("la vita e bela", "Life Is Beautiful"),
        ("stalkr", "Stalker"),
        ("헤어질결심", "Decision to Leave"),
        ("nope", "Nope"),
    ],
)
def test_parts_and_typos_of_well_known_titles_are_answered_by_the_card(typed: str, title: str) -> None:
    matches = FILMS.search(typed)
    assert matches[0].title == title
    assert judge_matches(typed, None, matches).answer in (Answer.CARD, Answer.GUESS)
