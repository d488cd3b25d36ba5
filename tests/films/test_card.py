"""What features register with the film card, and how the card is refreshed."""

import dataclasses
from typing import Any

import discord
import pytest
from aiohttp import web

from bot.films.card import CardAction, CardAddition, CardContext, CardSection, FilmButton, FilmCard
from bot.services import Services
from bot.sources.tmdb.replay import ReplayServer
from tests.conftest import World
from tests.responses import require_response
from tests.tmdb_payloads import BURNING, details_reply, movie


class QuoteButton(FilmButton, name="quote", label="Quote"):
    """A button that no feature of the bot has."""


def list_labels(message: Any) -> list[str]:
    return [item["label"] for row in message.components for item in row["components"] if "label" in item]


@pytest.fixture
def card(services: Services) -> FilmCard:
    return services.film_card


async def test_an_action_stands_at_its_position_until_it_is_removed(world: World, card: FilmCard) -> None:
    action = CardAction("quote", 15, QuoteButton, is_guild_only=True)
    card.add_action(action)
    message = require_response(await world.mina.slash(world.channel, "film", title="burning-2018"))
    assert list_labels(message)[:4] == ["Rate", "Quote", "Reviews", "Watchlist"]
    assert message.components[0]["components"][1]["custom_id"] == "v1:quote:burning-2018"
    private = require_response(await world.mina.user.slash("film", title="burning-2018"))
    assert "Quote" not in list_labels(private)
    card.add_action(dataclasses.replace(action, position=5, is_guild_only=False))
    message = require_response(await world.mina.slash(world.channel, "film", title="burning-2018"))
    assert list_labels(message)[:2] == ["Quote", "Rate"]
    private = require_response(await world.mina.user.slash("film", title="burning-2018"))
    assert "Quote" in list_labels(private)
    card.remove("quote")
    message = require_response(await world.mina.slash(world.channel, "film", title="burning-2018"))
    assert "Quote" not in list_labels(message)


async def test_a_section_adds_fields_embeds_and_items_or_nothing(world: World, card: FilmCard) -> None:
    contexts: list[CardContext] = []

    async def render(context: CardContext) -> CardAddition | None:
        contexts.append(context)
        if context.film.id != "burning-2018":
            return None
        embed = discord.Embed(description="An embed of its own")
        return CardAddition((("Budget", "Small"),), (embed,), items=(QuoteButton(context.film.id),))

    card.add_section(CardSection("budget", 15, render))
    await world.services.preferences.repository.set_country(world.mina.id, "KR")
    message = require_response(await world.mina.slash(world.channel, "film", title="burning"))
    film_embed, own_embed = message.embeds
    assert [field.name for field in film_embed.fields] == ["Cast", "Budget"]
    assert own_embed.description == "An embed of its own"
    assert list_labels(message)[:3] == ["Rate", "Quote", "Reviews"]
    assert (contexts[0].country, contexts[0].metadata) == ("KR", None)
    assert contexts[0].lookup is not None
    message = require_response(await world.mina.slash(world.channel, "film", title="oldboy-2003"))
    assert [field.name for field in message.embeds[0].fields] == ["Cast"]
    assert "Quote" not in list_labels(message)
    card.remove("budget")


class TestRefresh:
    @pytest.fixture
    def services(self, online_services: Services) -> Services:
        return online_services

    async def test_buttons_that_are_shown_keep_their_places(self, world: World, tmdb: ReplayServer) -> None:
        tmdb.replies.append(details_reply(movie(BURNING, "Burning")))
        message = require_response(await world.mina.slash(world.channel, "film", title="burning-2018"))
        assert list_labels(message)[-3:] == ["Set your country", "Trailer", "Stills"]
        message = require_response(await world.mina.slash(world.channel, "film", title="burning-2018"))
        assert list_labels(message)[-3:] == ["Similar", "Trailer", "Stills"]

    async def test_buttons_that_were_changed_meanwhile_stay_as_they_are(
        self, world: World, tmdb: ReplayServer
    ) -> None:
        tmdb.replies.append(details_reply(movie(BURNING, "Burning")))
        backend = world.env.backend

        async def remove_buttons(request: web.Request) -> web.StreamResponse | None:
            if request.path == f"/3/movie/{BURNING}":
                message = max(backend.messages[world.channel.id].values(), key=lambda each: each.id)
                message.components = message.components[:1]
            return None

        tmdb.fault = remove_buttons
        message = require_response(await world.mina.slash(world.channel, "film", title="burning-2018"))
        assert message.embeds[0].image.url
        assert list_labels(message) == ["Rate", "Reviews", "Watchlist", "Cast", "Similar"]


async def test_the_last_of_eight_actors_is_the_best_known_of_the_others(world: World) -> None:
    for film_id, name in (
        ("psycho-1960", "Janet Leigh"),
        ("everything-everywhere-all-at-once-2022", "Jamie Lee Curtis"),
    ):
        message = require_response(await world.mina.slash(world.channel, "film", title=film_id))
        cast = next(field.value for field in message.embeds[0].fields if field.name == "Cast")
        assert name in cast
        assert len([line for line in cast.splitlines() if not line.startswith("…")]) <= 8


async def test_a_card_without_a_poster_has_a_drawn_title_and_links_to_the_films_pages(world: World) -> None:
    message = require_response(await world.mina.slash(world.channel, "film", title="burning-2018"))
    embed = message.embeds[0]
    assert embed.image.url == "attachment://title.png"
    assert [each.filename for each in message.attachments] == ["title.png"]
    assert str(embed.description).endswith(
        "[IMDb](https://www.imdb.com/title/tt7282468/) · [TMDB](https://www.themoviedb.org/movie/491584) · "
        "[Letterboxd](https://letterboxd.com/imdb/tt7282468/) · "
        "[Does the Dog Die?](https://www.doesthedogdie.com/search?q=Burning)"
    )
    assert embed.footer.text is None
