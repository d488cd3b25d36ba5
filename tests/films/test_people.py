import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.films.people import FilmographyEntry, Person, PersonService, name_key

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

    async def best_known(self, limit: int) -> list[Person]:
        return sorted(EVERYBODY, key=lambda person: -person.fame)[:limit]

    async def named(self, key: str, limit: int) -> list[Person]:
        return [person for person in EVERYBODY if name_key(person.name).startswith(key)][:limit]


@pytest.fixture
async def people() -> PersonService:
    people = PersonService(Store())
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
async def test_names_are_found_in_any_order_and_spelling(
    people: PersonService, typed: str, person_id: str
) -> None:
    found = await people.find(typed)
    assert found is not None
    assert found.id == person_id


@pytest.mark.parametrize("typed", ["", "zzqx", "🎬", "@everyone"])
async def test_nobody(people: PersonService, typed: str) -> None:
    assert await people.find(typed) is None


async def test_an_empty_text_offers_the_best_known(people: PersonService) -> None:
    assert [person.id for person in people.search("")][:2] == ["park-chan-wook", "andrei-tarkovsky"]


async def test_beginnings_are_offered(people: PersonService) -> None:
    assert {person.id for person in people.search("par")[:2]} == {"park-chan-wook", "park-hae-il"}


@pytest.mark.parametrize(
    ("typed", "person_id"),
    [
        ("Jeon Jong-seo", "jeon-jong-seo"),
        ("jong seo jeon", "jeon-jong-seo"),
        ("jeon jong", "jeon-jong-seo"),
        ("jeon jong-soe", "jeon-jong-seo"),
        ("park chan wook", "park-chan-wook"),
    ],
)
async def test_those_who_are_not_in_memory_are_asked_of_the_store(typed: str, person_id: str) -> None:
    people = PersonService(Store(), in_memory=2)
    await people.load()
    assert [person.id for person in people.search("")] == ["park-chan-wook", "andrei-tarkovsky"]
    found = await people.find(typed)
    assert found is not None
    assert found.id == person_id


async def test_a_name_nobody_has_is_nobodys_in_the_store_either() -> None:
    people = PersonService(Store(), in_memory=2)
    await people.load()
    assert await people.find("zzqx vwkj") is None


@given(st.text(max_size=60))
def test_search_takes_any_text(text: str) -> None:
    people = PersonService(Store())
    people.take(EVERYBODY)
    found = people.search(text)
    assert len({person.id for person in found}) == len(found)
