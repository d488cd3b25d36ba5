import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.films.models import Person, name_key
from bot.films.people_service import PersonService
from bot.films.repository import PersonRepository

PEOPLE = (
    Person("park-chan-wook", "Park Chan-wook", 8, 600),
    Person("park-hae-il", "Park Hae-il", 5, 300),
    Person("jeon-jong-seo", "Jeon Jong-seo", 3, 200),
    Person("andrei-tarkovsky", "Andrei Tarkovsky", 5, 350),
)


class FakePersonRepository(PersonRepository):
    def __init__(self) -> None:
        """Read no database."""

    async def get(self, person_id: str) -> Person | None:
        return next((person for person in PEOPLE if person.id == person_id), None)

    async def list_best_known(self, limit: int) -> list[Person]:
        return sorted(PEOPLE, key=lambda person: -person.fame)[:limit]

    async def list_by_name(self, key: str, limit: int) -> list[Person]:
        return [person for person in PEOPLE if name_key(person.name).startswith(key)][:limit]


@pytest.fixture
async def people() -> PersonService:
    people = PersonService(FakePersonRepository())
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
    found = await people.lookup(typed)
    assert found is not None
    assert found.id == person_id


@pytest.mark.parametrize("typed", ["", "zzqx", "🎬", "@everyone"])
async def test_names_of_nobody_find_nobody(people: PersonService, typed: str) -> None:
    assert await people.lookup(typed) is None


async def test_an_empty_text_finds_the_best_known(people: PersonService) -> None:
    assert [person.id for person in people.search("")][:2] == ["park-chan-wook", "andrei-tarkovsky"]


async def test_beginnings_of_names_are_found(people: PersonService) -> None:
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
async def test_people_who_are_not_in_memory_are_fetched(typed: str, person_id: str) -> None:
    people = PersonService(FakePersonRepository(), in_memory=2)
    await people.load()
    assert [person.id for person in people.search("")] == ["park-chan-wook", "andrei-tarkovsky"]
    found = await people.lookup(typed)
    assert found is not None
    assert found.id == person_id


async def test_a_name_that_nobody_has_is_not_in_the_database_either() -> None:
    people = PersonService(FakePersonRepository(), in_memory=2)
    await people.load()
    assert await people.lookup("zzqx vwkj") is None


@given(st.text(max_size=60))
def test_search_takes_any_text(text: str) -> None:
    people = PersonService(FakePersonRepository())
    people.set_people(PEOPLE)
    found = people.search(text)
    assert len({person.id for person in found}) == len(found)
