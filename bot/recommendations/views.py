"""Lists of recommended films, films similar to one, and films to rate first, with the buttons under each film."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    Acknowledgement,
    Button,
    LayoutView,
    Response,
    View,
    custom_id,
    edit_or_respond,
    get_service,
    is_direct_message,
    is_ephemeral,
    require_guild_id,
    respond,
    respond_deferred,
    use_member_language,
)
from bot.core.discord.response import list_custom_ids
from bot.core.text.cldr import format_decimal, format_number
from bot.core.text.formatting import NO_BREAK_SPACE, clean_line, escape_line, format_runtime, join_list, truncate
from bot.core.text.i18n import _, gettext_noop, ngettext
from bot.films.card import FilmButton
from bot.films.models import Film
from bot.films.service import FilmService
from bot.films.views import LABEL_LIMIT, CardButton, require_film
from bot.members.embeds import describe_rating_sharing
from bot.members.server_choice import SERVER_ID_PATTERN, format_direct_server, require_server
from bot.members.views import SwitchButton
from bot.recommendations.embeds import NO_REASON, describe_reasons, describe_similarity
from bot.recommendations.filter_options import (
    PACKED_LIMIT,
    PACKED_PATTERN,
    describe_filters,
    list_removable_filters,
    pack_filters,
    unpack_filters,
)
from bot.recommendations.filters import RecommendationFilters
from bot.recommendations.service import PAGE_SIZE, RecommendationPage, RecommendationService, RecommendedFilm
from bot.recommendations.watchable import (
    WatchableFilms,
    describe_sources,
    list_watchable_for_member,
)
from bot.reviews.models import Draft
from bot.reviews.rating_views import open_rate_modal
from bot.reviews.service import ReviewService
from bot.reviews.star_emojis import show_stars
from bot.watchlists.views import WatchlistButton

FILM_TEXT_LIMIT = 690
"""Characters for one film: five films stay inside the 4,000 of a message."""
ONBOARDING_HEADING = gettext_noop(
    "## Rate a few films and I'll learn your taste\nPress the stars under the films you've seen."
)
NO_ONBOARDING_FILMS = gettext_noop("You've seen or dismissed every film I know.")
FROM_THE_TOP = "top"
"""Stands for the number of films that came before in the custom_id of a button that begins again."""
_OLD_RESTART_LABELS = ("From the top", "Recommend now")
"""Buttons that begin again and were posted by 0.1.0 differ from “More” on a first page by their label alone."""
DISMISS_PREFIX = "v1:refuse:"


async def render_recommendations(
    interaction: discord.Interaction[Any], server_id: int, filters: RecommendationFilters, skip: int = 0
) -> list[Response]:
    """Return the messages with the member's next films in a server, or films to rate if they rated none there.

    `skip` films came before. Raises InvalidInputError if only the member's services are wanted and they have named
    no country or no services.
    """
    watchable = await list_watchable_for_member(interaction, server_id, filters)
    page = await get_service(interaction, RecommendationService).recommend(
        server_id,
        interaction.user.id,
        filters,
        skip,
        None if watchable is None else watchable.services_by_film,
    )
    if not page.rating_count:
        return await render_onboarding(interaction, server_id, filters)
    if watchable is not None and not (page.films or skip):
        return [Response(view=LayoutView(ui.TextDisplay(watchable.describe_nothing_found())))]
    described, direct = describe_filters(filters), format_direct_server(interaction, server_id)
    if not page.films:
        return [Response(view=_nothing_left(filters, described, skip, direct))]
    title = _("For you · {filters}").format(filters=described) if described else _("For you")
    based_on = ""
    if interaction.guild_id is not None:  # a direct message is in no server
        based_on = ngettext(
            "Based on your {count} rating in this server",
            "Based on your {count} ratings in this server",
            page.rating_count,
        ).format(count=format_number(page.rating_count))
    # The best five are told by more than stars; on the page, nobody sees another order than theirs.
    page = replace(page, films=tuple(sorted(page.films, key=_shown_stars, reverse=True)))
    order = _("★ is what you'd probably rate it")
    heading = "\n-# ".join(filter(None, (f"## {title}", based_on, order)))
    more = (
        MoreButton(str(skip), pack_filters(filters), direct)
        if page.has_more
        else MoreButton(FROM_THE_TOP, pack_filters(filters), direct, _("Start over"))
    )
    view = _list_layout(interaction, heading, page, more, watchable, direct=direct)
    if sources := await describe_sources(interaction, [each.film for each in page.films], watchable):
        view.add_item(ui.TextDisplay(f"-# {sources}"))
    return [Response(view=view)]


def _shown_stars(recommended: RecommendedFilm) -> float:
    return round(recommended.stars or 0.0, 1)


async def render_similar(interaction: discord.Interaction[Any], film_id: str, skip: int = 0) -> Response:
    """Return the message with films similar to that one. Raises FilmGoneError."""
    film = await require_film(interaction, film_id)
    page = await get_service(interaction, RecommendationService).find_similar(
        require_guild_id(interaction), film_id, skip
    )
    title = escape_line(film.shown_title, 200)
    if not page.films:
        nothing = _("I don't know any more films like {title}.").format(title=f"**{title}**")
        return Response(view=LayoutView(ui.TextDisplay(nothing)))
    more = MoreSimilarButton(film_id, str(skip + len(page.films))) if page.has_more else None
    heading = _("Films like {title}").format(title=title)
    return Response(view=_list_layout(interaction, f"## {heading}", page, more, is_similar=True))


def _list_layout(
    interaction: discord.Interaction[Any],
    heading: str,
    page: RecommendationPage,
    more: Button | None,
    watchable: WatchableFilms | None = None,
    *,
    is_similar: bool = False,
    direct: str = "",
) -> LayoutView:
    """Return the films with their buttons and, if only services were wanted, the services; `more` goes below.

    `direct` names the server in a direct message.
    """
    items: list[ui.Item[Any]] = [ui.TextDisplay(heading)]
    for each in page.films:
        film_id = each.film.id
        services = watchable.describe_services(film_id) if watchable is not None else ""
        text = _describe_film(interaction, each, services, is_similar=is_similar)
        items.append(ui.Section(text, accessory=CardButton(film_id)))
        items.append(
            ui.ActionRow(  # three: a fourth button would stand alone on a second line of a phone
                WatchlistButton(film_id, direct),
                SeenButton(film_id, direct),
                DismissButton(film_id, direct),
            )
        )
    if more is not None:
        items.append(ui.ActionRow(more))
    return LayoutView(*items)


def _describe_film(
    interaction: discord.Interaction[Any], recommended: RecommendedFilm, services: str, *, is_similar: bool
) -> str:
    film = recommended.film
    heading = f"**{escape_line(film.shown_title, 150)}**"
    if recommended.stars is not None:
        heading = _("{title} · ★ {stars} for you").format(title=heading, stars=format_decimal(recommended.stars))
    heading = heading.replace("★ ", f"★{NO_BREAK_SPACE}")  # else a phone's line may end between star and number
    facts = [
        format_runtime(film.runtime) if film.runtime else "",
        join_list(escape_line(_(genre), 40) for genre in film.genres[:3]),
        join_list(escape_line(name, 60) for name in film.directors[:2]),
    ]
    lines = [
        heading,
        " · ".join(fact for fact in facts if fact),
        services,
    ]
    if is_similar:
        similarity = describe_similarity(recommended.reasons, film)
        lines += [f"-# {similarity}"] if similarity else []
    else:
        reasons = describe_reasons(recommended.reasons, film, get_service(interaction, FilmService))
        lines += [f"-# {reason}" for reason in reasons] or [f"-# {_(NO_REASON)}"]
    return truncate("\n".join(line for line in lines if line), FILM_TEXT_LIMIT)


def _nothing_left(filters: RecommendationFilters, described: str, skip: int, direct: str) -> LayoutView:
    if skip:
        from_the_top = MoreButton(FROM_THE_TOP, pack_filters(filters), direct, _("Start over"))
        return LayoutView(ui.TextDisplay(_("That's all that matches.")), ui.ActionRow(from_the_top))
    if described:
        sentence = _("No films you haven't seen match “{filters}”. Leave out a filter:")
        buttons = [
            MoreButton(FROM_THE_TOP, pack_filters(fewer), direct, truncate(f"{clean_line(part)} ✕", LABEL_LIMIT))
            for part, fewer in list_removable_filters(filters)
        ]
        rows: list[ui.Item[Any]] = [ui.ActionRow(*buttons[at : at + 5]) for at in range(0, len(buttons), 5)]
        return LayoutView(ui.TextDisplay(sentence.format(filters=described)), *rows)
    return LayoutView(ui.TextDisplay(_(NO_ONBOARDING_FILMS)))


async def render_onboarding(
    interaction: discord.Interaction[Any], server_id: int, filters: RecommendationFilters
) -> list[Response]:
    """Return the messages with films for a new member to rate, the last with the button to recommendations."""
    films = await get_service(interaction, RecommendationService).list_onboarding_films(
        server_id, interaction.user.id
    )
    if not films:
        return [Response(view=LayoutView(ui.TextDisplay(_(NO_ONBOARDING_FILMS))))]
    pages = [films[start : start + PAGE_SIZE] for start in range(0, len(films), PAGE_SIZE)]
    responses, direct = [], format_direct_server(interaction, server_id)
    for number, page in enumerate(pages):
        heading = _(ONBOARDING_HEADING) if number == 0 else _describe_more_films(len(page))
        is_last = number + 1 == len(pages)
        view = _onboarding_layout(heading, page, {}, filters if is_last else None, direct)
        responses.append(Response(view=view))
    return responses


def _describe_more_films(count: int) -> str:
    return ngettext("## {count} more film", "## {count} more films", count).format(count=count)


def _onboarding_layout(
    heading: str,
    films: Sequence[Film],
    ratings: Mapping[str, float],
    filters: RecommendationFilters | None,
    direct: str,
) -> LayoutView:
    """Return the films with five stars each, and a button to recommendations with `filters` unless None.

    `direct` names the server in a direct message.
    """
    items: list[ui.Item[Any]] = [ui.TextDisplay(heading)]
    for film in films:
        half_stars = round(2 * ratings[film.id]) if film.id in ratings else None
        heading = f"**{escape_line(film.shown_title, 150)}**"
        if half_stars is not None:
            heading = _("{title} · {stars} saved").format(title=heading, stars=show_stars(half_stars))
        director = f"\n-# {escape_line(film.directors[0], 80)}" if film.directors else ""
        items.append(ui.TextDisplay(f"{heading}{director}"))
        buttons = (
            StarButton(film.id, str(each), direct, is_chosen=each == half_stars) for each in range(2, 11, 2)
        )
        items.append(ui.ActionRow(*buttons))
    if filters is not None:
        recommend = MoreButton(FROM_THE_TOP, pack_filters(filters), direct, _("Get recommendations"))
        recommend.item.style = discord.ButtonStyle.primary
        items.append(ui.ActionRow(recommend))
    return LayoutView(*items)


class MoreButton(
    Button,
    template=rf"v1:more:(?P<skip>\d{{1,5}}|{FROM_THE_TOP}):(?P<filters>{PACKED_PATTERN}){SERVER_ID_PATTERN}",
):
    """The next films for the member who presses, or the first ones.

    `skip` is how many films came before those of the message, or FROM_THE_TOP.
    """

    acknowledgement = Acknowledgement.NONE

    def __init__(self, skip: str, filters: str, server_id: str = "", label: str = "") -> None:
        self.skip = int(skip) if skip != FROM_THE_TOP else None
        self.filters, self.server_id = unpack_filters(filters), server_id
        identifier = custom_id("more", skip, filters[: PACKED_LIMIT - len(server_id)]) + server_id
        super().__init__(ui.Button(label=label or _("More"), custom_id=identifier))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page if the list is private; otherwise start a private list of the member's own."""
        further: list[Response] = []

        async def build() -> Response:
            skip, server_id = 0, await require_server(interaction, self.server_id)
            if self.skip is not None and self.item.label not in _OLD_RESTART_LABELS:
                skip = self.skip + await self._count_left_on_page(interaction, server_id)
            first, *rest = await render_recommendations(interaction, server_id, self.filters, skip)
            further.extend(rest)
            return first

        await respond_deferred(interaction, build, edit=_is_own_list(interaction))
        for response in further:
            await respond(interaction, response, ephemeral=True)

    async def _count_left_on_page(self, interaction: discord.Interaction[Any], server_id: int) -> int:
        """Return how many of the films of the message are neither seen nor dismissed since."""
        repository = get_service(interaction, RecommendationService).repository
        history = await repository.get_rating_history(server_id, interaction.user.id)
        film_ids = [
            each.removeprefix(DISMISS_PREFIX).split(":")[0]
            for each in list_custom_ids(interaction)
            if each.startswith(DISMISS_PREFIX)
        ]
        return sum(film_id not in history.excluded for film_id in film_ids)


class SimilarButton(FilmButton, name="alike", label=gettext_noop("Similar"), suffix=":0"):
    """Films similar to the one of the card."""

    acknowledgement = Acknowledgement.NONE

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show them privately, beside the card."""

        async def build() -> Response:
            return await render_similar(interaction, self.film_id)

        await respond_deferred(interaction, build, edit=False)


class MoreSimilarButton(Button, template=r"v1:alike:(?P<film_id>[a-z0-9-]+):(?P<after>[1-9]\d{0,4})"):
    """The next films similar to one; `after` films came before."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, film_id: str, after: str) -> None:
        self.film_id = film_id
        self.after = int(after)
        super().__init__(ui.Button(label=_("More"), custom_id=custom_id("alike", film_id, after)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page of the member's own list, or show the page privately."""

        async def build() -> Response:
            return await render_similar(interaction, self.film_id, self.after)

        await respond_deferred(interaction, build, edit=is_ephemeral(interaction))


class SeenButton(FilmButton, name="seen", label=gettext_noop("Seen it"), state=SERVER_ID_PATTERN):
    """“Seen it”: opens the rating form, and in direct messages asks for the stars."""

    acknowledgement = Acknowledgement.NONE

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form, or show the stars to press."""
        if interaction.guild_id is not None:
            await open_rate_modal(interaction, self.film_id)
            return
        server_id = await require_server(interaction, self.server_id)
        film = await require_film(interaction, self.film_id)
        repository = get_service(interaction, RecommendationService).repository
        ratings = (await repository.get_rating_history(server_id, interaction.user.id)).ratings
        view = _onboarding_layout(_("## How was it?"), [film], ratings, None, self.server_id)
        await respond(interaction, Response(view=view), ephemeral=True)


class DismissButton(FilmButton, name="refuse", label=gettext_noop("Not for me"), state=SERVER_ID_PATTERN):
    """“Not for me”: the film is never recommended to the member again."""

    acknowledgement = Acknowledgement.EDIT

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store it, put the next film in its place in a private list, and offer to undo it."""
        server_id = await require_server(interaction, self.server_id)
        film = await require_film(interaction, self.film_id)
        recommendations = get_service(interaction, RecommendationService)
        await recommendations.dismiss(server_id, interaction.user.id, film.id)
        if _is_own_list(interaction):
            await self._replace_film(interaction, server_id)
        use_member_language(interaction)
        title = f"**{escape_line(film.shown_title, 200)}**"
        message = _("I won't recommend {title} again.").format(title=title)
        await respond(
            interaction, Response(message, view=View(RestoreButton(film.id, self.server_id))), ephemeral=True
        )

    async def _replace_film(self, interaction: discord.Interaction[Any], server_id: int) -> None:
        """Show the page of recommendations again without the film, or another private list with one film less."""
        ids = list_custom_ids(interaction)
        more = next((each.split(":") for each in ids if each.startswith("v1:more:")), None)
        if more is not None and more[2] != FROM_THE_TOP:
            filters = unpack_filters(more[3])
            first, *_rest = await render_recommendations(interaction, server_id, filters, int(more[2]))
            await interaction.edit_original_response(**first.as_edit())
        elif interaction.message is not None:
            view = _without_film(interaction.message, self.film_id + self.server_id)
            if view is not None:
                await interaction.edit_original_response(view=view)


def _is_own_list(interaction: discord.Interaction[Any]) -> bool:
    """Return whether nobody but the member sees the list whose button was pressed."""
    return is_ephemeral(interaction) or is_direct_message(interaction)


def _without_film(message: discord.Message, film: str) -> LayoutView | None:
    """Return the list in the message without that film's text and buttons, None where there is no list.

    `film` is what ends the custom_id of its button “Not for me”.
    """
    components = ui.LayoutView.from_message(message, timeout=None).children
    if not components or not isinstance(components[0], ui.Container):
        return None
    children = list(components[0].children)
    identifier = f"{DISMISS_PREFIX}{film}"
    kept: list[ui.Item[Any]] = []
    for child in children:
        buttons = child.children if isinstance(child, ui.ActionRow) else []
        if any(isinstance(each, ui.Button) and each.custom_id == identifier for each in buttons):
            kept.pop()  # the text above its buttons
        else:
            kept.append(child)
    return LayoutView(*kept)


class RestoreButton(FilmButton, name="readmit", label=gettext_noop("Undo"), state=SERVER_ID_PATTERN):
    """Undoes “Not for me”."""

    acknowledgement = Acknowledgement.EDIT

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Let the film be recommended again."""
        server_id = await require_server(interaction, self.server_id)
        film = await require_film(interaction, self.film_id)
        repository = get_service(interaction, RecommendationService).repository
        await repository.restore(server_id, interaction.user.id, film.id)
        title = f"**{escape_line(film.shown_title, 200)}**"
        message = _("I may recommend {title} again.").format(title=title)
        await edit_or_respond(interaction, Response(message), edit=True)


class StarButton(Button, template=r"v1:star:(?P<film_id>[a-z0-9-]+):(?P<stars>\d{1,2})" + SERVER_ID_PATTERN):
    """Rates a film with so many half-stars at once."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, film_id: str, stars: str, server_id: str = "", *, is_chosen: bool = False) -> None:
        self.film_id, self.server_id = film_id, server_id
        self.half_stars = int(stars)
        style = discord.ButtonStyle.success if is_chosen else discord.ButtonStyle.secondary
        label = f"{self.half_stars / 2:g} ★"
        super().__init__(
            ui.Button(label=label, style=style, custom_id=custom_id("star", film_id, stars) + server_id)
        )

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store the rating, and only then show it in the message."""
        server_id = await require_server(interaction, self.server_id)
        film = await require_film(interaction, self.film_id)
        await get_service(interaction, ReviewService).post(
            Draft(server_id, interaction.user.id, film.id, self.half_stars)
        )
        repository = get_service(interaction, RecommendationService).repository
        history = await repository.get_rating_history(server_id, interaction.user.id)
        ids = list_custom_ids(interaction)
        film_ids = dict.fromkeys(each.split(":")[2] for each in ids if each.startswith("v1:star:"))
        catalogue = get_service(interaction, FilmService).repository
        films = [shown for film_id in film_ids if (shown := await catalogue.get(film_id)) is not None]
        packed = next((each.split(":")[3] for each in ids if each.startswith("v1:more:")), None)
        filters = unpack_filters(packed) if packed is not None else None
        heading = _("## Saved. Rate more, or get recommendations.")
        view = _onboarding_layout(heading, films, history.ratings, filters, self.server_id)
        await interaction.edit_original_response(view=view)


class RatingSharingButton(
    SwitchButton,
    name="mydata-learning",
    on=("share", gettext_noop("Share my ratings")),
    off=("stop", gettext_noop("Stop sharing my ratings")),
):
    """Lets other servers' recommendations learn from the ratings of the member who presses it, or no longer."""

    @staticmethod
    def describe(is_on: bool) -> str:
        """Return what the setting means as it is."""
        return describe_rating_sharing(is_on)

    async def store(self, interaction: discord.Interaction[Any], *, is_on: bool) -> None:
        """Store it."""
        await get_service(interaction, RecommendationService).set_member_sharing(interaction.user.id, is_on)


ITEMS = (
    MoreButton,
    SimilarButton,
    MoreSimilarButton,
    SeenButton,
    DismissButton,
    RestoreButton,
    StarButton,
    RatingSharingButton,
)
