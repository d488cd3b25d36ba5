import pytest

from bot.films.people import FilmographyEntry, People, Person

EVERYBODY = (
    Person("park-chan-wook", "Park Chan-wook", 8, 600),
    Person("park-hae-il", "Park Hae-il", 5, 300),
    Person("jeon-jong-seo", "Jeon Jong-seo", 3, 200),
    Person("andrei-tarkovsky", "Andrei Tarkovsky", 5, 350),
)


class Store:
    async def get(self, person_id: str) -> Person | None:
        return next((person for person in EVERYBODY if person.id == person_id), None)

    async def filmography(self, person_id: str) -> list[FilmographyEntry]:
        return []

    async def everybody(self) -> list[Person]:
        return list(EVERYBODY)


@pytest.fixture
async def people() -> People:
    people = People(Store())
    await people.load()
    return people


@pytest.mark.parametrize(
    ("typed", "person_id"),
    [
        ("park chan wook", "park-chan-wook"),
        ("Chan-wook Park", "park-chan-wook"),
        ("jeon jongseo", "jeon-jong-seo"),
        ("tarkovski", "andrei-tarkovsky"),
        ("andrei-tarkovsky", "andrei-tarkovsky"),
    ],
)
async def test_names_are_found_in_any_order_and_spelling(people: People, typed: str, person_id: str) -> None:
    found = await people.find(typed)
    assert found is not None
    assert found.id == person_id


@pytest.mark.parametrize("typed", ["", "zzqx", "🎬", "@everyone"])
async def test_nobody(people: People, typed: str) -> None:
    assert await people.find(typed) is None


async def test_an_empty_text_offers_the_best_known(people: People) -> None:
    assert [person.id for person in people.search("")][:2] == ["park-chan-wook", "andrei-tarkovsky"]


async def test_beginnings_are_offered(people: People) -> None:
    assert {person.id for person in people.search("par")[:2]} == {"park-chan-wook", "park-hae-il"}
