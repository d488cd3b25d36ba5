import discord
import pytest
import simcord

from bot.client import create_bot
from bot.films.models import Credit, Film, Job
from tests.conftest import World

LONG = "a" * 6000


async def test_the_card_of_a_picked_film(world: World) -> None:
    choices = await world.mina.autocomplete(world.channel, "film", "title", "balerina 2023")
    assert choices[0] == {"name": "Ballerina (2023) · Lee Chung-hyun", "value": "ballerina-2023"}
    result = await world.mina.slash(world.channel, "film", title=choices[0]["value"])
    assert not result.ephemeral
    assert result.response is not None
    (embed,) = result.response.embeds
    fields = {field.name: field.value for field in embed.fields}
    assert embed.title == "Ballerina (2023)"
    assert embed.description is not None
    assert embed.description.startswith("*발레리나*\n")
    for fact in (
        "**Director** Lee Chung-hyun",
        # A phone's line ends between two facts, not within one.
        "**Runtime**\u00a01\u00a0h\u00a033\u00a0min · **Released**\u00a06\u00a0October\u00a02023",
        "**Genres** Action, Crime, Thriller",
        "**Country**\u00a0South Korea · **Language**\u00a0Korean",
    ):
        assert fact in embed.description
    assert "Jeon Jong-seo as Ok-ju" in str(fields["Cast"])
    assert "**Netflix**" in str(fields["Where to stream"])
    assert "as of" in str(fields["Where to stream"])
    assert "/me country" in str(fields["Where to stream"])
    assert embed.footer.text is None
    assert labels(result.response) == ["Rate", "Reviews", "Watchlist", "Cast", "Similar", "Set your country"]


async def test_a_card_in_a_direct_message_has_no_button_that_works_in_a_server_only(world: World) -> None:
    result = await world.mina.user.slash("film", title="ballerina-2023")
    assert result.response is not None
    assert labels(result.response) == ["Cast", "Set your country"]
    result = await world.mina.user.slash("film", title="ballerina")
    assert result.response is not None
    changed = await world.mina.user.select(result.response, ["ballerina-2025"], custom_id="v1:match")
    assert changed.response is not None
    assert not {"Rate", "Reviews", "Watchlist", "Similar"} & set(labels(changed.response))


def labels(message: simcord.results.ResponseMessage) -> list[str]:
    return [
        str(item.get("label", item.get("placeholder"))) for row in message.components for item in row["components"]
    ]


async def test_films_of_one_name_come_with_a_menu(world: World) -> None:
    result = await world.mina.slash(world.channel, "film", title="ballerina")
    assert result.response is not None
    assert "films fit" in result.response.content
    assert result.response.embeds[0].title == "Ballerina (2023)"
    menu = result.response.components[0]["components"][0]
    values = [option["value"] for option in menu["options"]]
    assert values[0] == "ballerina-2023"
    assert {"ballerina-2016", "ballerina-2025"} <= set(values)
    assert len(values) == len(set(values)) <= 25
    changed = await world.mina.select(result.response, ["ballerina-2025"], custom_id="v1:match")
    assert changed.response is not None
    assert changed.response.id == result.response.id
    assert changed.response.embeds[0].title == "Ballerina (2025)"
    back = await world.mina.select(changed.response, ["ballerina-2023"], custom_id="v1:match")
    assert back.response is not None
    assert back.response.embeds[0].title == "Ballerina (2023)"


async def test_somebody_elses_card_is_not_changed_but_answered_privately(world: World) -> None:
    result = await world.mina.slash(world.channel, "film", title="ballerina")
    assert result.response is not None
    for other in (
        await world.jonas.select(result.response, ["ballerina-2025"], custom_id="v1:match"),
        await world.jonas.click(result.response, label="Not this one?"),
        await world.jonas.click(result.response, label="Cast"),
    ):
        assert other.ephemeral
        assert other.response is not None
        assert other.response.id != result.response.id
    assert result.response.embeds[0].title == "Ballerina (2023)"


async def test_a_guess_says_what_it_was_matched_by_and_can_be_put_right(world: World) -> None:
    result = await world.mina.slash(world.channel, "film", title="parasyte")
    assert result.response is not None
    (embed,) = result.response.embeds
    assert embed.title == "Parasite (2019)"
    assert embed.footer.text == "Matched by “Parasite” · letters forgiven"
    menu = await world.mina.click(result.response, label="Not this one?")
    assert menu.response is not None
    assert menu.response.id == result.response.id
    options = menu.response.components[0]["components"][0]["options"]
    assert all(option["value"] != "parasite-2019" for option in options)
    changed = await world.mina.select(menu.response, [options[0]["value"]], custom_id="v1:match")
    assert changed.response is not None
    assert changed.response.embeds[0].title == options[0]["label"]


async def test_initials_offer_every_film_they_may_mean(world: World) -> None:
    result = await world.mina.slash(world.channel, "film", title="wss")
    assert result.response is not None
    assert str(result.response.embeds[0].title).startswith("West Side Story (")
    assert result.response.embeds[0].footer.text == "Matched by “West Side Story” · its initials"
    assert "2 films fit" in result.response.content


async def test_no_button_asks_for_others_where_the_menu_has_them_all(world: World) -> None:
    oldboy = await world.mina.slash(world.channel, "film", title="oldboy")
    assert oldboy.response is not None
    assert "2 films fit" in oldboy.response.content
    assert "Not this one?" not in labels(oldboy.response)
    dune = await world.mina.slash(world.channel, "film", title="dune")
    assert dune.response is not None
    assert "2 films fit" in dune.response.content
    further = await world.jonas.click(dune.response, label="Not this one?")
    assert further.response is not None
    values = [each["value"] for each in further.response.components[0]["components"][0]["options"]]
    assert "dune-part-two-2024" in values


async def test_more_films_than_a_menu_holds_are_not_counted(world: World) -> None:
    result = await world.mina.slash(world.channel, "film", title="the")
    assert result.response is not None
    assert result.response.content.startswith("**25 films or more fit “the” about as well.**")
    assert "the menu has the likeliest." in result.response.content


async def test_the_year_option_decides(world: World) -> None:
    result = await world.mina.slash(world.channel, "film", title="suspiria", year=2018)
    assert result.response is not None
    assert result.response.embeds[0].title == "Suspiria (2018)"


async def test_the_whole_cast_is_private_and_works_after_a_restart(world: World) -> None:
    result = await world.mina.slash(world.channel, "film", title="ballerina-2023")
    assert result.response is not None
    await world.env.restart_bot(create_bot(world.services))
    cast = await world.jonas.click(result.response, label="Cast")
    assert cast.ephemeral
    assert cast.response is not None
    embed = cast.response.embeds[0]
    assert embed.title == "Cast of Ballerina (2023)"
    assert "Jeon Jong-seo as Ok-ju" in str(embed.description)
    assert {field.name: field.value for field in embed.fields}["Music"] == "Gray"


async def test_the_cast_turns_its_pages_in_place(world: World) -> None:
    players = tuple(Credit(f"Player {n}", Job.CAST, f"Role {n}", f"player-{n}") for n in range(60))
    await world.services.film_repository.save_many([Film("crowd-2020", "Crowd", "Crowd", 2020, credits=players)])
    result = await world.mina.slash(world.channel, "film", title="crowd-2020")
    assert result.response is not None
    first = await world.mina.click(result.response, label="Cast")
    assert first.response is not None
    assert first.response.id != result.response.id
    second = await world.mina.click(first.response, label="More")
    assert second.response is not None
    assert second.response.id == first.response.id
    assert "Player 29" in str(second.response.embeds[0].description)


async def test_nothing_found_offers_the_three_nearest(world: World) -> None:
    result = await world.mina.slash(world.channel, "film", title="qzxqzxqzx")
    assert result.response is not None
    assert result.response.embeds[0].title == "No film found"
    names = labels(result.response)
    assert len(names) == 3
    opened = await world.mina.click(result.response, label=names[0])
    assert opened.response is not None
    assert opened.response.id == result.response.id
    assert opened.response.embeds[0].title == names[0]


@pytest.mark.parametrize(
    ("title", "shown"), [("???", "“???”"), ("🎬🍿", "“🎬🍿”"), ("\u200b \u2026", "“…”"), (" ", "What you typed")]
)
async def test_signs_alone_are_nothing_to_look_up(world: World, title: str, shown: str) -> None:
    for command, option in (("film", {"title": title}), ("rate", {"film": title, "stars": "4"})):
        result = await world.mina.slash(world.channel, command, **option)
        assert result.response is not None
        told = str(result.response.embeds[0].description)
        assert f"{shown} has no letter and no digit" in told.replace("\\", "")
        assert told.endswith("Type a title, in any spelling and language, or a part of one.")
        assert labels(result.response) == []


@pytest.mark.parametrize(
    "title",
    [
        " ", "a", LONG, "🎬🍿", "\u202eanirellab", "b̸̢͓a̵l͝l̷e̶r̵i̷n̴a̸" * 5, "'; DROP TABLE films; --", "@everyone",
        "<@100000000000000001>",
        "**bold** ||spoiler|| `code`", "[click](https://example.invalid)", "||", "```", "-1", "0",
        "بالرينا", "...", "\u200b\u200b", "film:id:with:colons", "\\",
    ],
)  # fmt: skip
async def test_odd_titles_are_answered_and_break_out_of_nothing(world: World, title: str) -> None:
    result = await world.mina.slash(world.channel, "film", title=title[:6000])
    assert result.response is not None
    embed = result.response.embeds[0]
    told = f"{result.response.content} {embed.description} {embed.footer.text}"
    assert "@everyone" not in told
    assert "<@1" not in told
    assert "](http" not in told
    assert len(embed) <= 6000
    assert "\u202e" not in told
    assert result.response.message.mentions == []
    for label in labels(result.response):
        assert label.strip()
    if "Not this one?" in labels(result.response):
        again = await world.jonas.click(result.response, label="Not this one?")
        assert again.ephemeral
    assert len(await world.mina.autocomplete(world.channel, "film", "title", title)) <= 25


async def test_choices_fit_discord(world: World) -> None:
    for typed in ("", "b", "the", "love", "2"):
        choices = await world.mina.autocomplete(world.channel, "film", "title", typed)
        assert 0 < len(choices) <= 25
        assert len({choice["value"] for choice in choices}) == len(choices)
        assert all(1 <= len(choice["name"]) <= 100 for choice in choices)


async def test_a_film_deleted_between_autocomplete_and_sending(world: World) -> None:
    await world.services.film_repository.delete("burning-2018")
    result = await world.mina.slash(world.channel, "film", title="burning-2018")
    assert result.response is not None
    assert result.response.embeds[0].title == "No film found"
    assert "Burning (2018)" not in labels(result.response)
    assert len(labels(result.response)) == 3


async def test_an_old_button_of_a_film_that_is_gone_is_a_private_sentence(world: World) -> None:
    result = await world.mina.slash(world.channel, "film", title="ballerina")
    assert result.response is not None
    await world.services.films.delete("ballerina-2023")
    await world.services.films.delete("ballerina-2016")
    cast = await world.mina.click(result.response, label="Cast")
    menu = await world.mina.select(result.response, ["ballerina-2016"], custom_id="v1:match")
    for gone in (cast, menu):
        assert gone.ephemeral
        assert gone.response is not None
        assert "no longer in the catalogue" in gone.response.content


async def test_the_members_country_decides_what_streams(world: World) -> None:
    async def where(member: simcord.actors.MemberActor) -> tuple[str, str]:
        result = await member.slash(world.channel, "film", title="ballerina-2023")
        assert result.response is not None
        field = result.response.embeds[0].fields[-1]
        return str(field.name), str(field.value)

    await world.sam.slash(world.channel, "settings country", country="Germany")
    assert (await where(world.mina))[0] == "Where to stream in Germany 🇩🇪"
    await world.mina.slash(world.channel, "me country", country="KR")
    heading, value = await where(world.mina)
    assert heading == "Where to stream in South Korea 🇰🇷"
    assert "No country set" not in value
    assert (await where(world.jonas))[0] == "Where to stream in Germany 🇩🇪"


async def test_nobody_is_ever_pinged(world: World) -> None:
    mentions = world.env.bot.allowed_mentions
    assert mentions is not None
    assert mentions.to_dict() == discord.AllowedMentions.none().to_dict()


async def test_before_anything_is_typed_the_servers_own_films_are_offered(world: World) -> None:
    async def offered() -> list[object]:
        return [choice["value"] for choice in await world.mina.autocomplete(world.channel, "film", "title", "")]

    popular = await offered()
    await world.mina.slash(world.channel, "film", title="burning-2018")
    assert (await offered())[:2] == ["burning-2018", popular[0]]
    await world.sam.slash(world.channel, "pick add", film="ballerina-2023")
    await world.sam.slash(world.channel, "pick next")
    await world.jonas.slash(world.channel, "rate", film="ballerina-2016", stars="4")
    await world.env.advance_time(61)
    await offered()  # has the server's films read, beside the answer
    assert (await offered())[:3] == ["ballerina-2023", "burning-2018", "ballerina-2016"]
    assert len(set(await offered())) == 25
    private = await world.mina.autocomplete(world.channel, "watchlist add", "film", "")
    assert private[0]["value"] == "ballerina-2023"
