import discord
import pytest
import simcord

from bot.client import create_bot
from bot.films.card import describe_alternatives
from bot.films.models import Credit, CreditJob, Film, Lookup
from bot.search.index import Match, MatchKind
from tests.conftest import World
from tests.repositories import delete_film, delete_indexed_film
from tests.responses import require_response

LONG = "a" * 6000


async def test_the_card_of_a_picked_film(world: World) -> None:
    choices = await world.mina.autocomplete(world.channel, "film", "title", "balerina 2023")
    assert choices[0] == {"name": "Ballerina (2023) · Lee Chung-hyun", "value": "ballerina-2023"}
    card = require_response(await world.mina.slash(world.channel, "film", title=choices[0]["value"]))
    assert not card.ephemeral
    (embed,) = card.embeds
    fields = {field.name: field.value for field in embed.fields}
    assert embed.title == "Ballerina (2023)"
    assert embed.description is not None
    assert embed.description.startswith("*발레리나*\n")
    for fact in (
        "**Director** Lee Chung-hyun",
        # A phone's line ends between two facts, not within one.
        "**Runtime**\u00a01\u00a0h\u00a033\u00a0min · **Released**\u00a0October\u00a06,\u00a02023",
        "**Genres** Action, Crime, Thriller",
        "**Country**\u00a0South Korea · **Language**\u00a0Korean",
    ):
        assert fact in embed.description
    assert "Jeon Jong-seo as Ok-ju" in str(fields["Cast"])
    assert "**Netflix**" in str(fields["Where to stream"])
    assert "checked" in str(fields["Where to stream"])
    assert "/me country" in str(fields["Where to stream"])
    assert embed.footer.text is None
    assert list_labels(card) == ["Rate", "Reviews", "Watchlist", "Cast", "Similar", "Set your country"]
    again = require_response(await world.mina.slash(world.channel, "film", title="ballerina-2023"))
    assert "/me country" not in str(again.embeds[0].to_dict())  # it was said once
    assert "Set your country" not in list_labels(again)
    unknown = require_response(await world.mina.slash(world.channel, "film", title="burning-2018"))
    assert [field.name for field in unknown.embeds[0].fields] == ["Cast"]


async def test_a_direct_message_leaves_out_buttons_that_need_a_server(world: World) -> None:
    card = require_response(await world.mina.user.slash("film", title="ballerina-2023"))
    assert list_labels(card) == ["Cast", "Set your country"]
    card = require_response(await world.mina.user.slash("film", title="ballerina"))
    changed = require_response(await world.mina.user.select(card, ["ballerina-2025"], custom_id="v1:match"))
    assert not {"Rate", "Reviews", "Watchlist", "Similar"} & set(list_labels(changed))


def list_labels(message: simcord.results.ResponseMessage) -> list[str]:
    """Return the list_labels of the message's buttons and the placeholders of its menus."""
    return [
        str(item.get("label", item.get("placeholder"))) for row in message.components for item in row["components"]
    ]


async def test_films_of_one_name_come_with_a_menu(world: World) -> None:
    card = require_response(await world.mina.slash(world.channel, "film", title="ballerina"))
    assert "films match" in card.content
    assert card.embeds[0].title == "Ballerina (2023)"
    menu = card.components[0]["components"][0]
    values = [option["value"] for option in menu["options"]]
    assert values[0] == "ballerina-2023"
    assert {"ballerina-2016", "ballerina-2025"} <= set(values)
    assert len(values) == len(set(values)) <= 25
    changed = require_response(await world.mina.select(card, ["ballerina-2025"], custom_id="v1:match"))
    assert changed.id == card.id
    assert changed.embeds[0].title == "Ballerina (2025)"
    back = require_response(await world.mina.select(changed, ["ballerina-2023"], custom_id="v1:match"))
    assert back.embeds[0].title == "Ballerina (2023)"


async def test_another_members_card_is_not_changed_but_answered_privately(world: World) -> None:
    card = require_response(await world.mina.slash(world.channel, "film", title="ballerina"))
    guess = require_response(await world.mina.slash(world.channel, "film", title="the matric"))
    for reply in (
        require_response(await world.jonas.select(card, ["ballerina-2025"], custom_id="v1:match")),
        require_response(await world.jonas.click(guess, label="Not this one?")),
        require_response(await world.jonas.click(card, label="Cast")),
    ):
        assert reply.ephemeral
        assert reply.id not in (card.id, guess.id)
    assert card.embeds[0].title == "Ballerina (2023)"


async def test_a_guess_says_what_it_was_matched_by_and_can_be_corrected(world: World) -> None:
    card = require_response(await world.mina.slash(world.channel, "film", title="the matric"))
    (embed,) = card.embeds
    assert embed.title == "The Matrix (1999)"
    assert embed.footer.text == "Closest match: “The Matrix”"
    menu = require_response(await world.mina.click(card, label="Not this one?"))
    assert menu.id == card.id
    options = menu.components[0]["components"][0]["options"]
    assert all(option["value"] != "the-matrix-1999" for option in options)
    changed = require_response(await world.mina.select(menu, [options[0]["value"]], custom_id="v1:match"))
    assert changed.embeds[0].title == options[0]["label"]


async def test_initials_find_every_film_they_may_mean(world: World) -> None:
    card = require_response(await world.mina.slash(world.channel, "film", title="wss"))
    assert str(card.embeds[0].title).startswith("West Side Story (")
    assert card.embeds[0].footer.text == "Closest match: “West Side Story”"
    assert "2 films match" in card.content


async def test_not_this_one_is_left_out_if_the_menu_has_every_match(world: World) -> None:
    scarface = require_response(await world.mina.slash(world.channel, "film", title="scarface"))
    assert "2 films match" in scarface.content
    assert "Not this one?" not in list_labels(scarface)
    dune = require_response(await world.mina.slash(world.channel, "film", title="dune"))
    assert "2 films match" in dune.content
    more = require_response(await world.jonas.click(dune, label="Not this one?"))
    values = [each["value"] for each in more.components[0]["components"][0]["options"]]
    assert "dune-part-two-2024" in values


def test_more_films_than_a_menu_holds_are_not_counted() -> None:
    match = Match("a-2000", "A", "A", 2000, (), 90.0, "A", MatchKind.PART)
    content = describe_alternatives(Lookup("a", match=match, others=(match,) * 24)) or ""
    assert content == "25 or more films match “a”. Showing **A (2000)**; pick another below."


async def test_the_year_option_selects_the_film(world: World) -> None:
    card = require_response(await world.mina.slash(world.channel, "film", title="suspiria", year=2018))
    assert card.embeds[0].title == "Suspiria (2018)"


async def test_the_whole_cast_is_private_and_works_after_a_restart(world: World) -> None:
    card = require_response(await world.mina.slash(world.channel, "film", title="ballerina-2023"))
    await world.env.restart_bot(create_bot(world.services))
    cast = require_response(await world.jonas.click(card, label="Cast"))
    assert cast.ephemeral
    embed = cast.embeds[0]
    assert embed.title == "Cast of Ballerina (2023)"
    assert "Jeon Jong-seo as Ok-ju" in str(embed.description)
    assert {field.name: field.value for field in embed.fields}["Music"] == "Gray"
    (menu,) = (item for row in cast.components for item in row["components"] if "options" in item)
    chosen = next(option for option in menu["options"] if option["label"] == "Jeon Jong-seo")
    assert chosen["description"] == "Ok-ju"
    person = require_response(await world.jonas.select(cast, [chosen["value"]]))
    assert person.ephemeral
    assert "Jeon Jong-seo" in str(person.embeds[0].title)


async def test_the_cast_turns_its_pages_in_place(world: World) -> None:
    players = tuple(Credit(f"Player {n}", CreditJob.CAST, f"Role {n}", f"player-{n}") for n in range(60))
    await world.services.film_repository.save_many([Film("crowd-2020", "Crowd", "Crowd", 2020, credits=players)])
    card = require_response(await world.mina.slash(world.channel, "film", title="crowd-2020"))
    first = require_response(await world.mina.click(card, label="Cast"))
    assert first.id != card.id
    second = require_response(await world.mina.click(first, label="More"))
    assert second.id == first.id
    assert "Player 29" in str(second.embeds[0].description)
    back = require_response(await world.mina.click(second, label="Back"))
    assert back.id == first.id
    assert "Player 29" not in str(back.embeds[0].description)


async def test_nothing_found_is_said_privately(world: World) -> None:
    answer = require_response(await world.mina.slash(world.channel, "film", title="qzxqzxqzx"))
    assert answer.ephemeral
    assert answer.embeds[0].title == "No film found"
    assert "I know 955 films" in answer.embeds[0].description
    assert list_labels(answer) == []


async def test_a_year_that_no_film_of_the_title_has_is_not_dropped(world: World) -> None:
    for options in ({"title": "burning 1975"}, {"title": "burning", "year": 1975}):
        answer = require_response(await world.mina.slash(world.channel, "film", **options))
        assert answer.ephemeral
        assert "I don't know Burning from 1975." in answer.embeds[0].description
        assert "Did you mean Burning (2018)?" in answer.embeds[0].description
        assert list_labels(answer)[0] == "Burning (2018)"


async def test_one_year_off_is_forgiven_and_said(world: World) -> None:
    card = require_response(await world.mina.slash(world.channel, "film", title="burning 2019"))
    assert card.embeds[0].title == "Burning (2018)"
    assert card.embeds[0].footer.text == "From 2018, not 2019"
    assert "Not this one?" in list_labels(card)


async def test_the_number_of_a_sequel_is_not_dropped(world: World) -> None:
    answer = require_response(await world.mina.slash(world.channel, "film", title="burning 4"))
    assert "I don't know a film called Burning 4." in answer.embeds[0].description


async def test_titles_to_choose_from_open_their_cards(world: World) -> None:
    card = require_response(await world.mina.slash(world.channel, "film", title="burnin man on"))
    assert card.embeds[0].title == "No exact match for “burnin man on”"
    names = list_labels(card)
    assert 1 <= len(names) <= 5
    opened = require_response(await world.mina.click(card, label=names[0]))
    assert opened.id == card.id
    assert (opened.embeds[0].title or "").replace("\\", "") == names[0]


@pytest.mark.parametrize("title", ["???", "🎬🍿", "\u200b \u2026", " "])
async def test_text_without_letters_is_not_looked_up(world: World, title: str) -> None:
    for command, option in (("film", {"title": title}), ("rate", {"film": title, "stars": "4"})):
        card = require_response(await world.mina.slash(world.channel, command, **option))
        assert card.embeds[0].title == "No film found"
        assert card.embeds[0].description == "Type a title or part of one, in any spelling or language."
        assert list_labels(card) == []


@pytest.mark.parametrize(
    "title",
    [
        " ", "a", LONG, "🎬🍿", "\u202eanirellab", "b̸̢͓a̵l͝l̷e̶r̵i̷n̴a̸" * 5, "'; DROP TABLE films; --", "@everyone",
        "<@100000000000000001>",
        "**bold** ||spoiler|| `code`", "[click](https://example.invalid)", "||", "```", "-1", "0",
        "بالرينا", "...", "\u200b\u200b", "film:id:with:colons", "\\",
    ],
)  # fmt: skip
async def test_odd_titles_are_answered_and_escaped(world: World, title: str) -> None:
    card = require_response(await world.mina.slash(world.channel, "film", title=title[:6000]))
    embed = card.embeds[0]
    text = f"{card.content} {embed.description} {embed.footer.text}"
    assert "@everyone" not in text
    assert "<@1" not in text
    assert "[click](http" not in text
    assert len(embed) <= 6000
    assert "\u202e" not in text
    assert card.message.mentions == []
    for label in list_labels(card):
        assert label.strip()
    if "Not this one?" in list_labels(card):
        again = await world.jonas.click(card, label="Not this one?")
        assert again.ephemeral
    assert len(await world.mina.autocomplete(world.channel, "film", "title", title)) <= 25


async def test_autocomplete_choices_fit_discords_limits(world: World) -> None:
    for typed in ("", "b", "the", "love", "2"):
        choices = await world.mina.autocomplete(world.channel, "film", "title", typed)
        assert 0 < len(choices) <= 25
        assert len({choice["value"] for choice in choices}) == len(choices)
        assert all(1 <= len(choice["name"]) <= 100 for choice in choices)


async def test_a_film_deleted_after_autocomplete_is_not_found(world: World) -> None:
    await delete_film(world.services.database, world.services.film_repository, "burning-2018")
    card = require_response(await world.mina.slash(world.channel, "film", title="burning-2018"))
    assert card.embeds[0].title == "No film found"
    assert "Burning (2018)" not in list_labels(card)


async def test_a_button_of_a_deleted_film_is_answered_privately(world: World) -> None:
    card = require_response(await world.mina.slash(world.channel, "film", title="ballerina"))
    await delete_indexed_film(world.services, "ballerina-2023")
    await delete_indexed_film(world.services, "ballerina-2016")
    for reply in (
        require_response(await world.mina.click(card, label="Cast")),
        require_response(await world.mina.select(card, ["ballerina-2016"], custom_id="v1:match")),
    ):
        assert reply.ephemeral
        assert "no longer in the catalogue" in reply.content


async def test_offers_are_those_of_the_members_country(world: World) -> None:
    async def read_offers(member: simcord.actors.MemberActor) -> tuple[str, str]:
        card = require_response(await member.slash(world.channel, "film", title="ballerina-2023"))
        field = card.embeds[0].fields[-1]
        return str(field.name), str(field.value)

    await world.sam.slash(world.channel, "settings country", country="Germany")
    assert (await read_offers(world.mina))[0] == "Where to stream · Germany 🇩🇪"
    await world.mina.slash(world.channel, "me country", country="KR")
    heading, value = await read_offers(world.mina)
    assert heading == "Where to stream · South Korea 🇰🇷"
    assert "/me country" not in value
    assert (await read_offers(world.jonas))[0] == "Where to stream · Germany 🇩🇪"


async def test_mentions_ping_nobody(world: World) -> None:
    mentions = world.env.bot.allowed_mentions
    assert mentions is not None
    assert mentions.to_dict() == discord.AllowedMentions.none().to_dict()


async def test_the_servers_films_are_suggested_before_anything_is_typed(world: World) -> None:
    async def suggest() -> list[object]:
        return [choice["value"] for choice in await world.mina.autocomplete(world.channel, "film", "title", "")]

    popular = await suggest()
    await world.mina.slash(world.channel, "film", title="burning-2018")
    assert (await suggest())[:2] == ["burning-2018", popular[0]]
    await world.sam.slash(world.channel, "pick add", film="ballerina-2023")
    await world.sam.slash(world.channel, "pick next")
    await world.jonas.slash(world.channel, "rate", film="ballerina-2016", stars="4")
    await world.env.advance_time(61)
    await suggest()  # starts to read the server's films in the background
    assert (await suggest())[:3] == ["ballerina-2023", "burning-2018", "ballerina-2016"]
    assert len(set(await suggest())) == 25
    private = await world.mina.autocomplete(world.channel, "watchlist add", "film", "")
    assert private[0]["value"] == "ballerina-2023"
