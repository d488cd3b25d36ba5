"""Everybody reads the bot in their own language, a server in its own, and nothing stays English by mistake."""

from typing import Any

import discord
import pytest

from bot.core.discord.localisation import CommandTranslator, list_languages
from bot.core.text.cldr import find_babel_locale
from bot.core.text.i18n import _, list_catalogues, use_locale
from tests.conftest import World
from tests.languages import MEMBER, SERVER, LanguageWatch, add_pseudo_languages, speak
from tests.responses import FILM, Actor, Result, list_labels, read_text, require_response

WALKED = (
    ("help", {}),
    ("about", {}),
    ("film", {"title": "ballerina"}),
    ("film", {"title": "xyzzyqwert"}),
    ("person", {"name": "Park Chan-wook"}),
    ("person", {"name": "Xyzzyqwert"}),
    ("where", {"film": FILM}),
    ("similar", {"film": FILM}),
    ("reviews", {"film": FILM}),
    ("recommend", {"genre": "Drama", "decade": 2010}),
    ("tonight", {}),
    ("top", {"decade": 2010}),
    ("profile", {}),
    ("diary", {}),
    ("watchlist add", {"film": FILM}),
    ("watchlist show", {}),
    ("watchlist server", {}),
    ("list create", {"name": "Korea"}),
    ("list add", {"list": "Korea", "film": FILM}),
    ("list show", {}),
    ("list show", {"list": "Korea"}),
    ("ask", {"question": "a korean thriller under 2 hours"}),
    ("ask", {"question": "hello"}),
    ("ask", {"question": "a man wakes up every day on the same day"}),
    ("alert", {}),
    ("services", {}),
    ("me country", {"country": "DE"}),
    ("mydata hide", {}),
    ("mydata diary", {}),
    ("mydata learning", {}),
    ("mydata delete", {}),
    ("import history", {}),
    ("letterboxd status", {}),
    ("featured", {}),
    ("night stats", {}),
    ("settings language", {}),
    ("settings reviews", {}),
    ("settings nights", {}),
    ("moderation queue", {}),
    ("moderation log", {}),
    ("pick list", {}),
    ("pick rotate", {}),
    ("pick add", {"film": FILM}),
)


@pytest.mark.begins("2026-01-05 12:00")
async def test_private_replies_are_in_the_members_language_and_public_ones_in_the_servers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_pseudo_languages(monkeypatch)
    speak(monkeypatch, member=MEMBER, server=SERVER)
    world.services.languages.choose(world.server.id, SERVER)
    watch = LanguageWatch(monkeypatch, await _list_known(world))
    for command, options in WALKED:
        await world.sam.slash(world.channel, command, **options)
    await _rate(world, world.mina, "Slow.")
    await _rate(world, world.jonas, "Slower.", stars=4)
    reviews = require_response(await world.mina.slash(world.channel, "reviews", film=FILM))
    await world.sam.click(reviews, custom_id=_find_id(reviews, "v1:helpful:"))
    planned = await world.sam.slash(world.channel, "night plan", name="Slow", when="Friday 20:00")
    assert require_response(planned).ephemeral
    await world.sam.slash(world.channel, "night nominate", film=FILM)
    await world.sam.slash(world.channel, "pick next")
    assert not watch.problems, "\n".join(dict.fromkeys(watch.problems))
    assert min(watch.seen.values()) > len(WALKED) // 4


def _find_id(message: Any, start: str) -> str:
    """Return the custom_id of the message's first button that begins so."""
    ids = [button.get("custom_id", "") for row in message.components for button in row["components"]]
    return next(each for each in ids if each.startswith(start))


async def _rate(world: World, actor: Actor, text: str, stars: int = 8) -> Result:
    """Rate the film, whatever the button is called."""
    card = require_response(await actor.slash(world.channel, "film", title=FILM))
    form = await actor.click(card, custom_id=f"v1:rate:{FILM}")
    return await actor.submit_modal(form, {"stars": str(stars), "review": text})


async def _list_known(world: World) -> str:
    """Return what is shown without being a message: the catalogue's texts, and what members typed."""
    parts = ["Slow.", "Slower.", "Korea", "Film club", "mina", "jonas", "sam"]
    parts += ["IMDb", "TMDB", "Letterboxd", "Does the Dog Die?"]
    parts += ["Apple TV+", "Disney+", "Hulu", "Netflix", "Prime Video"]
    for locale in (MEMBER, SERVER):  # names of countries and languages come from the CLDR
        names = find_babel_locale(locale)
        parts += [*names.territories.values(), *names.languages.values()]
    async for entry in world.services.film_repository.stream_entries():
        film = await world.services.film_repository.get(entry.film_id)
        assert film is not None
        parts += [film.title, film.dated_title, film.original_title or "", film.logline or "", *film.keywords]
        parts += [name for credit in film.credits for name in (credit.name, credit.role or "")]
    return "\n".join(parts)


@pytest.mark.begins("2026-01-05 12:00")
@pytest.mark.parametrize("locale", ["de", "ja", "tr"])
async def test_a_member_reads_film_rating_recommendation_and_night_in_their_language(
    world: World, monkeypatch: pytest.MonkeyPatch, locale: str
) -> None:
    speak(monkeypatch, member=locale, server=locale)
    card = await world.mina.slash(world.channel, "film", title=FILM)
    rated = await _rate(world, world.mina, "Slow.")
    recommended = await world.mina.slash(world.channel, "recommend")
    planned = await world.sam.slash(world.channel, "night plan", name="Slow", when="Friday 20:00")
    with use_locale(locale):
        assert all(word in read_text(card) for word in (_("Cast"), _("Runtime"), _("Drama")))
        assert _("Rate") in list_labels(require_response(card))
        assert _("Saved: {stars} for {title}.").format(stars="★★★★", title="**Burning (2018)**") in read_text(
            rated
        )
        assert _("For you") in str(require_response(recommended).components)
        assert _("**{name}** is planned for {when}. Its card is in {channel}.").partition("{when}")[2].partition(
            "{channel}"
        )[0] in read_text(planned)
        assert _("Cast") != "Cast"


async def test_turkish_letters_are_understood(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    speak(monkeypatch, member="tr", server="tr")
    with use_locale("tr"):
        typed = _("Science Fiction").replace("i", "İ").upper()
    result = await world.mina.slash(world.channel, "recommend", genre=typed)
    assert _("I don't know the genre “{text}”. Pick one from the list.").format(text=typed) not in read_text(
        result
    )
    assert require_response(result).components


async def test_moderators_choose_the_servers_language(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    speak(monkeypatch, member="en-US", server="en-US")
    shown = await world.sam.slash(world.channel, "settings language")
    assert "Public messages here are in English, as set in Server Settings." in read_text(shown)
    chosen = await world.sam.slash(world.channel, "settings language", language="de")
    assert "Public messages here are in German." in read_text(chosen)
    with use_locale("de"):
        assert _("Cast") in read_text(await world.mina.slash(world.channel, "film", title=FILM))
    private = await world.mina.slash(world.channel, "watchlist add", film=FILM)
    assert "Added **Burning (2018)** to your watchlist." in read_text(private)
    await world.sam.slash(world.channel, "settings language", language="none")
    assert "Cast" in read_text(await world.mina.slash(world.channel, "film", title=FILM))
    # Another process, or a restart, reads the choice from the database.
    await world.sam.slash(world.channel, "settings language", language="ja")
    assert await world.services.server_settings.list_languages() == {world.server.id: "ja"}


async def test_a_direct_message_comes_in_the_language_that_its_reader_last_used(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(monkeypatch, member="de", server="tr")
    await _rate(world, world.mina, "Slow.")
    assert await world.services.preferences.get_locale(world.mina.id) == "de"
    await world.services.preferences.remember_locale(world.mina.id, "ja")
    assert await world.services.preferences.get_locale(world.mina.id) == "ja"
    data = await world.services.privacy.repository.export(world.mina.id)
    assert data.rows["member_settings"][0]["locale"] == "ja"
    await world.services.privacy.delete_data(world.mina.id)
    assert await world.services.preferences.get_locale(world.mina.id) is None


async def test_discord_is_told_of_commands_in_every_language(world: World) -> None:
    tree, translator = world.env.bot.tree, CommandTranslator()
    await tree.set_translator(translator)
    payloads = [await each.get_translated_payload(tree, translator) for each in tree.get_commands()]
    film = next(each for each in payloads if each["name"] == "film")
    spoken = set(list_languages()) - {"en"}
    assert "name_localizations" not in film or not film["name_localizations"]
    assert spoken <= film["description_localizations"].keys()
    assert film["description_localizations"]["es-419"]  # what is the same in all Spanish is said there too
    assert "sv-SE" not in film["description_localizations"]
    menu = next(each for each in payloads if each["type"] == discord.AppCommandType.message.value)
    assert spoken <= menu["name_localizations"].keys()


def test_twelve_languages_are_spoken_besides_english() -> None:
    assert {each.partition("-")[0] for each in list_catalogues()} == {
        "de", "fr", "es", "pt", "it", "pl", "nl", "tr", "ru", "ja", "ko", "zh",
    }  # fmt: skip


async def test_a_film_keeps_its_local_title_from_the_card_to_the_confirmation(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = world.services.film_repository
    async for entry in repository.stream_entries():
        film = await repository.get(entry.film_id)
        if film is not None and film.get_known_title("de") != film.title:
            break
    else:
        pytest.fail("no film of the test catalogue has a German title")
    local = film.get_known_title("de")
    speak(monkeypatch, member="de", server="de")
    card = require_response(await world.mina.slash(world.channel, "film", title=film.id))
    assert (card.embeds[0].title or "").startswith(local)
    form = await world.mina.click(card, custom_id=f"v1:rate:{film.id}")
    saved = await world.mina.submit_modal(form, {"stars": "8", "review": ""})
    assert f"**{local} (" in read_text(saved)
    assert local in read_text(await world.mina.slash(world.channel, "watchlist add", film=film.id))
