"""What every button, menu, form and autocomplete builds on: state in the custom_id, failures told once."""

import functools
import re
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Protocol, Self, TypeVar, cast

import discord
from discord import app_commands, ui

from bot.errors import answer, place, report
from bot.films.alerts import Alerts
from bot.films.catalogue import Catalogue
from bot.films.diary import Diary
from bot.films.errors import FilmGoneError
from bot.films.film import Film
from bot.films.moderation import Moderation
from bot.films.online.service import Online
from bot.films.people import People
from bot.films.picks.clock import PickClock
from bot.films.picks.plans import Picks
from bot.films.picks.voices import PickVoices
from bot.films.preferences import Preferences
from bot.films.presence import Presence
from bot.films.privacy import MemberData
from bot.films.recommendations.evenings import Evenings
from bot.films.recommendations.service import Recommender
from bot.films.replies import Replies
from bot.films.reviews import Reviews
from bot.films.subscriptions import Subscriptions
from bot.films.watchlists import Watchlists
from bot.ui.text import cut

CUSTOM_ID_LIMIT = 100
VERSION = "v1"
COLOUR = discord.Colour(0xE0A82E)
"""Marquee's own: the warm yellow of its lamps."""
FORM_TITLE_LIMIT = 45
BaseItem = TypeVar("BaseItem", bound=ui.Item[Any])
FormValues = dict[str, Any]


class UiServices(Protocol):
    """What buttons, menus and forms may call: those of the bot's services that are domain objects."""

    @property
    def catalogue(self) -> Catalogue:
        """Films."""
        ...

    @property
    def people(self) -> People:
        """Those who make them."""
        ...

    @property
    def preferences(self) -> Preferences:
        """Settings of servers and members."""
        ...

    @property
    def online(self) -> Online:
        """What a source online knows of films."""
        ...

    @property
    def subscriptions(self) -> Subscriptions:
        """What members subscribe to."""
        ...

    @property
    def alerts(self) -> Alerts:
        """What members wait for."""
        ...

    @property
    def reviews(self) -> Reviews:
        """Members' stars and reviews."""
        ...

    @property
    def replies(self) -> Replies:
        """What they reply to each other."""
        ...

    @property
    def diary(self) -> Diary:
        """What members saw."""
        ...

    @property
    def watchlists(self) -> Watchlists:
        """What members want to see."""
        ...

    @property
    def moderation(self) -> Moderation:
        """What moderators do."""
        ...

    @property
    def presence(self) -> Presence:
        """Who is still in a server."""
        ...

    @property
    def member_data(self) -> MemberData:
        """What is kept about members."""
        ...

    @property
    def picks(self) -> Picks:
        """What is planned for the marquee."""
        ...

    @property
    def pick_clock(self) -> PickClock:
        """What is due on it."""
        ...

    @property
    def pick_voices(self) -> PickVoices:
        """What members say to it."""
        ...

    @property
    def recommender(self) -> Recommender:
        """What members may like."""
        ...

    @property
    def evenings(self) -> Evenings:
        """What groups watch together."""
        ...


def services(interaction: discord.Interaction[Any]) -> UiServices:
    """Give the services of the bot that received the interaction."""
    return cast(UiServices, interaction.client.services)


async def country_of(interaction: discord.Interaction[Any]) -> str | None:
    """Give the country that holds for the member who acts, or None where none is set."""
    found = await services(interaction).preferences.country(interaction.user.id, interaction.guild_id)
    return found[0] if found else None


async def film_of(interaction: discord.Interaction[Any], film_id: str) -> Film:
    """Give the film of that id. Raises FilmGoneError where it is no longer there."""
    film = await services(interaction).catalogue.get(film_id)
    if film is None:
        raise FilmGoneError
    return film


def server_of(interaction: discord.Interaction[Any]) -> int:
    """Give the id of the server it happens in. Raises NoPrivateMessage elsewhere."""
    if interaction.guild_id is None:
        raise app_commands.NoPrivateMessage
    return interaction.guild_id


class MarqueeView(ui.View):
    """A view whose failures are answered. Without a timeout: its items carry their state themselves."""

    def __init__(self, *items: ui.Item[Any]) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, item: ui.Item[Any], /
    ) -> None:
        """Answer the failure."""
        await answer(interaction, error)


class MarqueeLayout(ui.LayoutView):
    """A message of texts with buttons between them; failures are answered, and it has no timeout either."""

    def __init__(self, *items: ui.Item[Any]) -> None:
        super().__init__(timeout=None)
        self.add_item(ui.Container(*items, accent_colour=COLOUR))

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, item: ui.Item[Any], /
    ) -> None:
        """Answer the failure."""
        await answer(interaction, error)


class MarqueeModal(ui.Modal):
    """A form whose failures are answered."""

    async def on_error(  # type: ignore[override]  # discord.py's own Modal narrows it so
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        """Answer the failure."""
        await answer(interaction, error)


class Form(MarqueeModal):
    """A form that carries its state in its custom_id and is taken whichever process showed it.

    discord.py keeps forms in memory by custom_id: one member's would replace another's, and a restart would lose
    what somebody is typing. A Form is never kept; `take_form` builds it anew when it is sent in.
    """

    template: ClassVar[re.Pattern[str]]

    def __init__(self, *, title: str, custom_id: str) -> None:
        super().__init__(title=cut(title, FORM_TITLE_LIMIT), custom_id=custom_id, timeout=None)
        self.stop()

    def typed(self, values: FormValues) -> str:
        """Give what is handed back to the member where it can't be stored."""
        return ""

    async def submitted(self, interaction: discord.Interaction[Any], values: FormValues) -> None:
        """Do what it is for; `values` are what was filled in, by each field's custom_id."""
        raise NotImplementedError

    @classmethod
    def from_form_state(cls, **state: str) -> Self:
        """Build the form from the named groups of its template."""
        build: Callable[..., Self] = cls
        return build(**state)


async def take_form(interaction: discord.Interaction[Any], forms: Sequence[type[Form]]) -> None:
    """Hand a form that was sent in to the one of `forms` that it is of, if any; failures are answered."""
    data: Any = interaction.data
    if interaction.type is not discord.InteractionType.modal_submit:
        return
    for kind in forms:
        if (match := kind.template.fullmatch(data["custom_id"])) is not None:
            values = form_values(data["components"])
            typed = ""
            try:
                form = kind.from_form_state(**match.groupdict())
                typed = form.typed(values)
                await form.submitted(interaction, values)
            except Exception as error:
                await answer(interaction, error, typed)


def form_values(components: Iterable[Any]) -> FormValues:
    """Give the value of each field, by its custom_id: text, a choice, True or False, or a list of choices."""
    values: FormValues = {}
    for component in components:
        if "component" in component:
            values |= form_values([component["component"]])
        elif "components" in component:
            values |= form_values(component["components"])
        elif "custom_id" in component:
            values[component["custom_id"]] = component.get("value", component.get("values"))
    return values


class _Pressed(ui.DynamicItem[BaseItem], template="^$"):
    """A dynamic item whose failures are answered; discord.py itself would swallow them."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Ask `allowed`, and answer where that fails."""
        try:
            return await self.allowed(interaction)
        except Exception as error:
            await answer(interaction, error)
            return False

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Call `pressed`, and answer where that fails."""
        try:
            await self.pressed(interaction)
        except Exception as error:
            await answer(interaction, error)

    async def allowed(self, interaction: discord.Interaction[Any]) -> bool:
        """Tell whether this member may press it; checked at every press. Raise to say why not."""
        return True

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Do what it is for."""
        raise NotImplementedError

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Build the item from its custom_id; state that can't be read is answered, not swallowed."""
        try:
            return cls.from_state(item, **match.groupdict())
        except Exception as error:
            await answer(interaction, error)
            raise

    @classmethod
    def from_state(cls, item: ui.Item[Any], **state: str) -> Self:
        """Take the item over as it stands in the message, and what the named groups of its template say."""
        taken = cls.__new__(cls)
        _Pressed.__init__(taken, cast(BaseItem, item))
        taken.take(state)
        return taken

    def take(self, state: Mapping[str, str]) -> None:
        """Keep what the custom_id says; nothing where it only names the item."""


class Button(_Pressed[ui.Button[Any]], template="^$"):
    """A button that carries its state in its custom_id and works whichever process posted it."""

    @classmethod
    def from_state(cls, item: ui.Item[Any], **state: str) -> Self:
        """Build the button from the named groups of its template."""
        build: Callable[..., Self] = cls
        return build(**state)


class Menu(_Pressed[ui.Select[Any]], template="^$"):
    """A menu that carries its state in its custom_id; `self.item.values` are what was chosen."""

    def marked(self, chosen: str) -> list[discord.SelectOption]:
        """Give the options anew, with the chosen one marked."""
        return [
            discord.SelectOption(
                label=o.label, value=o.value, description=o.description, default=o.value == chosen
            )
            for o in self.item.options
        ]


class MemberMenu(_Pressed[ui.UserSelect[Any]], template="^$"):
    """A menu of members that carries its state in its custom_id; `self.item.values` are who was chosen."""


def custom_id(name: str, *state: object) -> str:
    """Give `v1:name:state…`, the last part cut where Discord's limit asks for it."""
    return ":".join((VERSION, name, *map(str, state)))[:CUSTOM_ID_LIMIT]


Choices = list[app_commands.Choice[str]]
Suggest = Callable[[Any, discord.Interaction[Any], str], Coroutine[Any, Any, Choices]]


def suggestions(suggest: Suggest) -> Suggest:
    """Make an autocomplete that offers nothing where it fails, and logs why; Discord has no error for it."""

    @functools.wraps(suggest)
    async def safely(cog: Any, interaction: discord.Interaction[Any], current: str) -> Choices:
        try:
            return unique(await suggest(cog, interaction, current))
        except Exception as error:
            report(f"autocomplete of {place(interaction)}", error)
            return []

    return safely


def unique(choices: Choices) -> Choices:
    """Give at most 25 choices, no value twice: Discord refuses the whole list otherwise."""
    return list({choice.value: choice for choice in reversed(choices)}.values())[::-1][:25]


def is_owner(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether the member who presses is the one whose command brought the message about."""
    message = interaction.message
    metadata = message.interaction_metadata if message is not None else None
    return metadata is not None and metadata.user.id == interaction.user.id


def changed(content: dict[str, Any]) -> dict[str, Any]:
    """Give a message's content as it is to be put in place of another's: its pictures instead of those there."""
    kept = {name: value for name, value in content.items() if name not in {"embed", "files"}}
    if "embed" in content:
        kept["embeds"] = [content["embed"]]
    return kept | {"attachments": content.get("files", [])}


async def show(interaction: discord.Interaction[Any], *, replace: bool, **content: Any) -> None:
    """Change the message that was pressed, where `replace` says so, else answer privately beside it.

    A message that is changed keeps nothing of what it was: neither embeds nor pictures.
    """
    if replace:
        await interaction.response.edit_message(**changed(content))
    else:
        await interaction.response.send_message(
            ephemeral=True, **{k: v for k, v in content.items() if v is not None}
        )


def is_private(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether the message that was pressed is one that only this member sees."""
    return interaction.message is not None and interaction.message.flags.ephemeral
