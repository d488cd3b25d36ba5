from bot.client import create_bot
from tests.conftest import World


async def test_a_persons_films_newest_first_each_opening_its_card(world: World) -> None:
    choices = await world.mina.autocomplete(world.channel, "person", "name", "park chan")
    assert choices[0]["value"] == "park-chan-wook"
    result = await world.mina.slash(world.channel, "person", name=choices[0]["value"])
    assert result.response is not None
    (embed,) = result.response.embeds
    assert embed.title == "Park Chan-wook"
    lines = str(embed.description).splitlines()
    years = [int(line.split("(")[1][:4]) for line in lines]
    assert years == sorted(years, reverse=True)
    assert any("director" in line for line in lines)
    await world.env.restart_bot(create_bot(world.services))
    menu = result.response.components[0]["components"][0]
    opened = await world.jonas.select(result.response, [menu["options"][0]["value"]], custom_id="v1:open")
    assert opened.ephemeral
    assert opened.response is not None
    assert opened.response.embeds[0].title == menu["options"][0]["label"]


async def test_an_actors_roles_are_told(world: World) -> None:
    result = await world.mina.slash(world.channel, "person", name="Jeon Jong seo")
    assert result.response is not None
    assert "**Ballerina (2023)** · as Ok-ju" in str(result.response.embeds[0].description)


async def test_long_filmographies_have_pages(world: World) -> None:
    everybody = world.services.people.search("", 25)
    person = max(everybody, key=lambda each: each.credits)
    assert person.credits > 10
    result = await world.mina.slash(world.channel, "person", name=person.id)
    assert result.response is not None
    older = await world.mina.click(result.response, label="Older")
    assert older.response is not None
    assert older.response.id == result.response.id
    assert "page 2" in str(older.response.embeds[0].footer.text)
    newer = await world.mina.click(older.response, label="Newer")
    assert newer.response is not None
    assert "page 1" in str(newer.response.embeds[0].footer.text)
    private = await world.jonas.click(newer.response, label="Older")
    assert private.ephemeral


async def test_nobody_found_is_private_and_names_the_nearest(world: World) -> None:
    for name in ("Jeong Jongsu Parkwook", "", "@everyone", "🎬", "x" * 3000):
        result = await world.mina.slash(world.channel, "person", name=name or " ")
        assert result.ephemeral
        assert result.response is not None
        assert "@everyone" not in result.response.content
        assert len(result.response.content) <= 2000
