from bot.client import create_bot
from tests.conftest import World
from tests.responses import list_labels, require_response


async def test_a_persons_films_newest_first_each_opening_its_card(world: World) -> None:
    choices = await world.mina.autocomplete(world.channel, "person", "name", "park chan")
    assert choices[0]["value"] == "park-chan-wook"
    result = require_response(await world.mina.slash(world.channel, "person", name=choices[0]["value"]))
    (embed,) = result.embeds
    assert embed.title == "Park Chan-wook"
    lines = str(embed.description).splitlines()
    years = [int(line.split("(")[1][:4]) for line in lines]
    assert years == sorted(years, reverse=True)
    assert any("director" in line for line in lines)
    await world.env.restart_bot(create_bot(world.services))
    menu = result.components[0]["components"][0]
    opened = require_response(await world.jonas.select(result, [menu["options"][0]["value"]], custom_id="v1:open"))
    assert opened.ephemeral
    assert opened.embeds[0].title == menu["options"][0]["label"]


async def test_an_actors_roles_are_shown(world: World) -> None:
    result = require_response(await world.mina.slash(world.channel, "person", name="Jeon Jong seo"))
    assert "**Ballerina (2023)** · as Ok-ju" in str(result.embeds[0].description)


async def test_long_filmographies_have_pages(world: World) -> None:
    people = world.services.people.search("", 25)
    person = max(people, key=lambda each: each.film_count)
    assert person.film_count > 10
    result = require_response(await world.mina.slash(world.channel, "person", name=person.id))
    older = require_response(await world.mina.click(result, label="Older"))
    assert older.id == result.id
    assert "page 2" in str(older.embeds[0].footer.text)
    newer = require_response(await world.mina.click(older, label="Newer"))
    assert "page 1" in str(newer.embeds[0].footer.text)
    reply = await world.jonas.click(newer, label="Older")
    assert reply.ephemeral


async def test_a_particle_may_be_written_together_with_the_name(world: World) -> None:
    for name in ("deniro", "DeNiro", "robert deniro"):
        result = require_response(await world.mina.slash(world.channel, "person", name=name))
        assert result.embeds[0].title == "Robert De Niro"


async def test_the_nearest_names_are_buttons(world: World) -> None:
    result = require_response(await world.mina.slash(world.channel, "person", name="parc jan vook"))
    assert result.ephemeral
    assert result.content == "I don't know anyone called “parc jan vook”. Did you mean one of these?"
    opened = require_response(await world.mina.click(result, label="Park Chan-wook"))
    assert opened.id == result.id
    assert opened.embeds[0].title == "Park Chan-wook"


async def test_a_name_of_several_shows_the_best_known_and_offers_the_others(world: World) -> None:
    result = require_response(await world.mina.slash(world.channel, "person", name="anderson"))
    assert result.content == ""
    shown = str(result.embeds[0].title)
    others = [label for label in list_labels(result) if "Anderson" in label]
    assert shown.endswith("Anderson")
    assert others
    assert shown not in others
    other = require_response(await world.jonas.click(result, label=others[0]))
    assert other.embeds[0].title == others[0]
    misspelt = require_response(await world.mina.slash(world.channel, "person", name="hitchcok"))
    assert misspelt.content == "Closest match: “Alfred Hitchcock”"
    whole = require_response(await world.mina.slash(world.channel, "person", name=shown))
    assert not [label for label in list_labels(whole) if "Anderson" in label]
    choices = await world.mina.autocomplete(world.channel, "person", "name", "spiel")
    assert choices[0]["name"].startswith("Steven Spielberg")


async def test_nobody_found_is_private_and_names_the_nearest(world: World) -> None:
    for name in ("Jeong Jongsu Parkwook", "", "@everyone", "🎬", "x" * 3000):
        result = require_response(await world.mina.slash(world.channel, "person", name=name or " "))
        assert result.ephemeral
        assert "@everyone" not in result.content
        assert len(result.content) <= 2000
