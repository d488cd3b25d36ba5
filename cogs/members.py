"""`/settings` for moderators; `/me` and `/mydata` for members."""

from dataclasses import replace

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.conversation.embeds import describe_listening
from bot.core.discord import (
    COLOUR,
    Choices,
    Response,
    acknowledge,
    acknowledge_if_busy,
    autocomplete,
    gettext_lazy,
    list_languages,
    require_guild_id,
    respond,
    user_installable,
)
from bot.core.discord.permissions import TEXT, describe_channel_problem
from bot.core.errors import ConflictingOptionsError, InvalidInputError
from bot.core.text.cldr import describe_locale
from bot.core.text.countries import parse_country
from bot.core.text.formatting import is_none
from bot.core.text.i18n import _
from bot.films.autocomplete import list_countries_with_flags
from bot.imports.embeds import describe_counting
from bot.imports.member_service import MemberImportService
from bot.imports.models import ImportCounting
from bot.members import embeds, server_choice, views
from bot.members.repository import ServerSettingsRepository
from bot.members.server_settings import ServerSettings, or_default
from bot.members.service import PreferenceService, PrivacyService
from bot.moderation.automod import list_unusable_patterns
from bot.moderation.embeds import describe_settings, describe_unusable_patterns
from bot.moderation.models import DEFAULT_REPORT_THRESHOLD
from bot.moderation.service import ModerationService
from bot.moderation.word_filter import parse_words
from bot.picks.service import PickService
from bot.recommendations.service import RecommendationService
from bot.recommendations.views import RatingSharingButton
from bot.reviews.service import DiaryService
from bot.services import Services

NONE = "none"
Raters = app_commands.Range[int, 1, 100]
Reports = app_commands.Range[int, 0, 100]
_CLEARABLE_REVIEW_SETTINGS = [
    app_commands.Choice(name=gettext_lazy("Moderator role"), value="moderator_role_id"),
    app_commands.Choice(name=gettext_lazy("Log channel"), value="log_channel_id"),
]
_CLEARABLE_CHANNELS = [app_commands.Choice(name=gettext_lazy("The channels: answer everywhere"), value="channels")]
_CLEARABLE_CURATOR_ROLE = [app_commands.Choice(name=gettext_lazy("Curator role"), value="curator_role")]
_CLEARABLE_HOST_ROLE = [app_commands.Choice(name=gettext_lazy("Host role"), value="host_role")]
_COUNTINGS = [
    app_commands.Choice(name=gettext_lazy("At once"), value=ImportCounting.AT_ONCE.value),
    app_commands.Choice(
        name=gettext_lazy("Once a member has rated the film here"), value=ImportCounting.RATED_HERE.value
    ),
    app_commands.Choice(name=gettext_lazy("Never"), value=ImportCounting.NEVER.value),
]
_LANGUAGES = [
    app_commands.Choice(name=gettext_lazy("Same as in Server Settings"), value=NONE),
    *(app_commands.Choice(name=describe_locale(code, is_own_name=True), value=code) for code in list_languages()),
]
_SETTINGS_BY_COMMAND = {
    "settings country": ("country",),
    "settings language": ("language",),
    "settings reviews": ("minimum_raters", "report_threshold", "moderator_role_id", "log_channel_id"),
    "settings words": ("word_filter",),
    "settings ask": ("is_conversation_off", "conversation_channel_ids"),
    "settings imports": ("import_counting",),
    "settings learning": ("ratings_shared_at",),
    "settings picks": ("curator_role_id",),
    "pick rotate": (
        "rotation_interval", "rotation_time", "time_zone", "announcement_channel_id", "is_announcement_published",
        "announcement_role_id", "has_announcement_thread", "has_retrospective", "refill", "poll_hours",
    ),
    "settings nights": ("night_host_role_id", "counts_departed_ballots"),
    "letterboxd channel": ("letterboxd_channel_id",),
}  # fmt: skip
"""The settings that each command changes."""
Context = discord.Interaction[Marquee]


@autocomplete
async def _suggest_countries(_interaction: Context, current: str) -> Choices:
    """Return the countries that fit what is typed, and the choice to set none."""
    choices = list_countries_with_flags(current, 24)
    if not current.strip() or NONE.startswith(current.strip().lower()):
        choices.append(app_commands.Choice(name=_("None"), value=NONE))
    return choices


def _require_narrow(role: discord.Role | None) -> None:
    """Raise InvalidInputError for the role that every member has."""
    if role is not None and role.is_default():
        raise InvalidInputError(_("Everyone has that role. Choose another one."))


def _parse_country_or_none(text: str) -> str | None:
    """Return the code of a country, or None for “none”. Raises InvalidInputError for an unknown country."""
    return None if is_none(text) else parse_country(text)


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class ServerSettingsCog(commands.GroupCog, name="settings", description=gettext_lazy("Server settings")):
    """`/settings`: a server's settings."""

    def __init__(self, services: Services) -> None:
        self.server_settings: ServerSettingsRepository = services.server_settings
        self.languages = services.languages
        self.moderation: ModerationService = services.moderation
        self.diary: DiaryService = services.diary
        self.pick_service: PickService = services.picks
        self.recommendations: RecommendationService = services.recommendations
        self.imports_service: MemberImportService = services.imports

    @app_commands.command(description=gettext_lazy("See all settings in one place"))
    @app_commands.checks.has_permissions(manage_guild=True)
    async def show(self, interaction: Context) -> None:
        """Show every setting under the command that changes it."""
        await acknowledge(interaction, ephemeral=True)
        server_id = require_guild_id(interaction)
        settings = await self.server_settings.get(server_id)
        settings = replace(
            settings,
            minimum_raters=await self.diary.get_minimum_raters(server_id),
            report_threshold=or_default(settings.report_threshold, DEFAULT_REPORT_THRESHOLD),
        )
        embed = discord.Embed(title=_("Server settings"), colour=COLOUR)
        for command, names in _SETTINGS_BY_COMMAND.items():
            lines = describe_settings({name: getattr(settings, name) for name in names})
            embed.add_field(name=f"/{command}", value="\n".join(lines), inline=False)
        await respond(interaction, Response(embeds=(embed,), is_ephemeral=True))

    @app_commands.command(description=gettext_lazy("Set the server's country"))
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(
        country=gettext_lazy("Country for members who haven't set their own, or “none” (leave empty to see it)")
    )
    @app_commands.autocomplete(country=_suggest_countries)
    async def country(self, interaction: Context, country: str | None = None) -> None:
        """Set the server's country, or see it."""
        await acknowledge(interaction, ephemeral=True)
        server_id = require_guild_id(interaction)
        if country is None:
            settings = await self.server_settings.get(server_id)
            content = embeds.describe_current_server_country(settings.country)
        else:
            code = _parse_country_or_none(country)
            await self.moderation.change_settings(server_id, interaction.user.id, {"country": code})
            content = embeds.describe_server_country(code)
        await respond(interaction, Response(content, is_ephemeral=True))

    @app_commands.command(description=gettext_lazy("Share ratings with other servers for better recommendations"))
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(shared=gettext_lazy("Share ratings (leave empty to see the setting)"))
    async def learning(self, interaction: Context, shared: bool | None = None) -> None:
        """Let recommendations learn across servers, from members who allow it; by default they don't."""
        await acknowledge(interaction, ephemeral=True)
        server_id = require_guild_id(interaction)
        if shared is not None:
            await self.recommendations.set_server_sharing(server_id, shared, actor_id=interaction.user.id)
        is_shared = (await self.server_settings.get(server_id)).ratings_shared_at is not None
        content = embeds.describe_server_rating_sharing(is_shared)
        await respond(interaction, Response(content, is_ephemeral=True))

    @app_commands.command(description=gettext_lazy("See or change the review settings"))
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(
        minimum_raters=gettext_lazy("Ratings a film needs to be listed in /top"),
        report_threshold=gettext_lazy("Reports that hide a review until a moderator decides (0 = never)"),
        moderator_role=gettext_lazy("A role that can moderate reviews"),
        log_channel=gettext_lazy("Where moderators' decisions are posted"),
        clear=gettext_lazy("A setting to clear"),
    )
    @app_commands.choices(clear=_CLEARABLE_REVIEW_SETTINGS)
    async def reviews(
        self, interaction: Context, minimum_raters: Raters | None = None, report_threshold: Reports | None = None,
        moderator_role: discord.Role | None = None, log_channel: discord.TextChannel | None = None,
        clear: app_commands.Choice[str] | None = None,
    ) -> None:  # fmt: skip
        """Set what holds for reviews here, or see it."""
        await acknowledge(interaction, ephemeral=True)
        options = {
            "minimum_raters": minimum_raters,
            "report_threshold": report_threshold,
            "moderator_role_id": moderator_role.id if moderator_role is not None else None,
            "log_channel_id": log_channel.id if log_channel is not None else None,
        }
        changes: dict[str, int | None] = {name: value for name, value in options.items() if value is not None}
        if clear is not None:
            changes[clear.value] = None
        if clear is not None and options[clear.value] is not None:
            raise ConflictingOptionsError(clear.value.removesuffix("_id"), "clear")
        _require_narrow(moderator_role)
        server_id = require_guild_id(interaction)
        settings = await self.moderation.change_settings(server_id, interaction.user.id, changes)
        embed = embeds.build_review_settings_embed(
            settings,
            minimum_raters=await self.diary.get_minimum_raters(server_id),
            report_threshold=or_default(settings.report_threshold, DEFAULT_REPORT_THRESHOLD),
        )
        problem = describe_channel_problem(interaction, settings.log_channel_id, TEXT)
        await respond(interaction, Response(problem, embeds=(embed,), is_ephemeral=True))

    @app_commands.command(description=gettext_lazy("Choose the language of public messages"))
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(language=gettext_lazy("The language (leave empty to see it)"))
    @app_commands.choices(language=_LANGUAGES)
    async def language(self, interaction: Context, language: app_commands.Choice[str] | None = None) -> None:
        """Set the language of what everybody in the server reads; private replies follow each member's client."""
        await acknowledge(interaction, ephemeral=True)
        server_id = require_guild_id(interaction)
        if language is not None:
            chosen = language.value if language.value != NONE else None
            await self.moderation.change_settings(server_id, interaction.user.id, {"language": chosen})
            self.languages.choose(server_id, chosen)
        settings = await self.server_settings.get(server_id)
        content = embeds.describe_language(
            self.languages.get(server_id, interaction.guild_locale), is_chosen=settings.language is not None
        )
        await respond(interaction, Response(content, is_ephemeral=True))

    @app_commands.command(description=gettext_lazy("Choose where Marquee answers mentions"))
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(
        on=gettext_lazy("Answer messages that mention Marquee"),
        channel=gettext_lazy("Add a channel to answer in (default: all channels)"),
        clear=gettext_lazy("A setting to clear"),
    )
    @app_commands.choices(clear=_CLEARABLE_CHANNELS)
    async def ask(
        self, interaction: Context, on: bool | None = None, channel: discord.TextChannel | None = None,
        clear: str | None = None,
    ) -> None:  # fmt: skip
        """Set where messages that mention the bot are answered, or see it."""
        await acknowledge(interaction, ephemeral=True)
        if channel is not None and clear is not None:
            raise ConflictingOptionsError("channel", "clear")

        def change(before: ServerSettings) -> ServerSettings:
            channels = () if clear is not None else before.conversation_channel_ids or ()
            if channel is not None:
                channels = tuple(dict.fromkeys((*channels, channel.id)))
            is_off = before.is_conversation_off if on is None else not on
            return replace(before, is_conversation_off=is_off, conversation_channel_ids=channels or None)

        settings = await self.moderation.apply_settings(require_guild_id(interaction), interaction.user.id, change)
        channel_ids = settings.conversation_channel_ids or ()
        content = describe_listening(is_off=bool(settings.is_conversation_off), channel_ids=channel_ids)
        problems = [describe_channel_problem(interaction, channel_id) for channel_id in channel_ids]
        content = "\n".join(filter(None, (content, *problems)))
        await respond(interaction, Response(content, is_ephemeral=True))

    @app_commands.command(description=gettext_lazy("Choose whether imported ratings count in charts"))
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(count=gettext_lazy("Which imported ratings count (leave empty to see the setting)"))
    @app_commands.choices(count=_COUNTINGS)
    async def imports(self, interaction: Context, count: app_commands.Choice[str] | None = None) -> None:
        """Set which imported ratings count in charts and for recommendations, or see it."""
        await acknowledge(interaction, ephemeral=True)
        server_id = require_guild_id(interaction)
        if count is not None:
            changes = {"import_counting": count.value}
            await self.moderation.change_settings(server_id, interaction.user.id, changes)
            await self.imports_service.recount(server_id)
        content = describe_counting(await self.imports_service.get_counting(server_id))
        await respond(interaction, Response(content, is_ephemeral=True))

    @app_commands.command(description=gettext_lazy("Choose who can plan picks"))
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(
        curator_role=gettext_lazy("A role that can plan picks (leave empty to keep it)"),
        clear=gettext_lazy("A setting to clear"),
    )
    @app_commands.choices(clear=_CLEARABLE_CURATOR_ROLE)
    async def picks(
        self, interaction: Context, curator_role: discord.Role | None = None, clear: str | None = None
    ) -> None:
        """Set who may plan the marquee, or see it; `/pick rotate` sets the rest."""
        await acknowledge(interaction, ephemeral=True)
        server_id = require_guild_id(interaction)
        if curator_role is not None and clear is not None:
            raise ConflictingOptionsError("curator_role", "clear")
        _require_narrow(curator_role)
        if curator_role is not None or clear is not None:
            role_id = curator_role.id if curator_role is not None else None
            await self.moderation.change_settings(server_id, interaction.user.id, {"curator_role_id": role_id})
            await self.pick_service.cache.refresh(server_id)
        settings = await self.server_settings.get(server_id)
        await respond(interaction, Response(embeds.describe_curators(settings.curator_role_id), is_ephemeral=True))

    @app_commands.command(description=gettext_lazy("Choose who can plan film nights"))
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(
        host_role=gettext_lazy("A role that can plan film nights (leave empty to keep it)"),
        count_departed=gettext_lazy("Count ballots from members who left (default: yes)"),
        clear=gettext_lazy("A setting to clear"),
    )
    @app_commands.choices(clear=_CLEARABLE_HOST_ROLE)
    async def nights(
        self,
        interaction: Context,
        host_role: discord.Role | None = None,
        count_departed: bool | None = None,
        clear: str | None = None,
    ) -> None:
        """Choose who can plan film nights, and whose ballots count; what is left out stays as it is."""
        await acknowledge(interaction, ephemeral=True)
        if host_role is not None and clear is not None:
            raise ConflictingOptionsError("host_role", "clear")
        _require_narrow(host_role)
        changes: dict[str, object] = {}
        if host_role is not None or clear is not None:
            changes["night_host_role_id"] = host_role.id if host_role is not None else None
        if count_departed is not None:
            changes["counts_departed_ballots"] = count_departed
        server_id = require_guild_id(interaction)
        settings = await self.moderation.change_settings(server_id, interaction.user.id, changes)
        await respond(interaction, Response(embeds.describe_night_hosts(settings), is_ephemeral=True))

    @app_commands.command(description=gettext_lazy("See or change the words blocked in reviews"))
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(
        words=gettext_lazy("The words to block, separated by commas (* for any letters), or “none”")
    )
    async def words(self, interaction: Context, words: str | None = None) -> None:
        """Set which words reviews may not hold, or see them; AutoMod's rules hold besides."""
        server_id = require_guild_id(interaction)
        await acknowledge(interaction, ephemeral=True)
        before = (await self.server_settings.get(server_id)).word_filter or ()
        kept = before
        if words is not None:
            kept = () if is_none(words) else parse_words(words)
            await self.moderation.change_settings(server_id, interaction.user.id, {"word_filter": kept})
        sentences = (
            embeds.describe_word_filter(kept),
            embeds.describe_removed_words([word for word in before if word not in kept]),
            embeds.describe_automod(can_read=interaction.app_permissions.manage_guild),
            describe_unusable_patterns(await list_unusable_patterns(interaction)),
        )
        await respond(interaction, Response("\n".join(filter(None, sentences))), ephemeral=True)


@user_installable
class MemberSettingsCog(commands.GroupCog, name="me", description=gettext_lazy("Your settings")):
    """`/me`: a member's own settings."""

    def __init__(self, preferences: PreferenceService) -> None:
        self.preferences = preferences

    @app_commands.command(description=gettext_lazy("See or set your country"))
    @app_commands.describe(country=gettext_lazy("Your country, or “none” (leave empty to see it)"))
    @app_commands.autocomplete(country=_suggest_countries)
    async def country(self, interaction: Context, country: str | None = None) -> None:
        """Set your country, or see which one holds for you."""
        await acknowledge(interaction, ephemeral=True)
        if country is not None:
            await self.preferences.repository.set_country(interaction.user.id, _parse_country_or_none(country))
        preference = await self.preferences.get_country(interaction.user.id, interaction.guild_id)
        if country is not None:
            await respond(interaction, Response(embeds.describe_country_change(preference), is_ephemeral=True))
        elif preference is not None:
            await respond(interaction, Response(embeds.describe_country(preference), is_ephemeral=True))
        else:
            await respond(interaction, views.ask_country(interaction))


@user_installable
class MyDataCog(commands.GroupCog, name="mydata", description=gettext_lazy("Your data and privacy")):
    """`/mydata`: the export and deletion of a member's data, and what others may see of it."""

    def __init__(self, privacy: PrivacyService, recommendations: RecommendationService) -> None:
        self.privacy = privacy
        self.recommendations = recommendations

    @app_commands.command(description=gettext_lazy("Download all your data"))
    async def export(self, interaction: Context) -> None:
        """Get everything Marquee keeps about you, as a ZIP."""
        await acknowledge(interaction, ephemeral=True)
        await respond(interaction, await views.render_export(interaction))

    @app_commands.command(description=gettext_lazy("Delete all your data in all servers"))
    async def delete(self, interaction: Context) -> None:
        """Delete everything Marquee keeps about you, in all servers."""
        await acknowledge_if_busy(interaction, ephemeral=True)
        await respond(interaction, await views.render_delete_confirmation(interaction))

    @app_commands.command(description=gettext_lazy("Hide your name in lists, or show it again"))
    @app_commands.describe(hidden=gettext_lazy("Hide your name (leave empty to see the setting)"))
    async def hide(self, interaction: Context, hidden: bool | None = None) -> None:
        """Keep your name out of lists, or let it be shown again."""
        await acknowledge(interaction, ephemeral=True)
        if hidden is None:
            is_hidden = (await self.privacy.get_privacy(interaction.user.id)).is_name_hidden
            await respond(interaction, views.HideNameButton.render(is_on=is_hidden))
            return
        announced = await self.privacy.set_name_hidden(interaction.user.id, hidden)
        views.dispatch_name_changed(interaction, announced)
        await respond(interaction, views.HideNameButton.render(is_on=hidden))

    @app_commands.command(description=gettext_lazy("Make your diary public or private"))
    @app_commands.describe(public=gettext_lazy("Let others read your diary (leave empty to see the setting)"))
    async def diary(self, interaction: Context, public: bool | None = None) -> None:
        """Open your diary to others, close it, or see whether it is open."""
        await acknowledge(interaction, ephemeral=True)
        if public is not None:
            await self.privacy.set_diary_public(interaction.user.id, public)
        is_public = (await self.privacy.get_privacy(interaction.user.id)).is_diary_public
        await respond(interaction, views.DiaryButton.render(is_on=is_public))

    @app_commands.command(
        description=gettext_lazy("Share your ratings to improve recommendations in other servers")
    )
    @app_commands.describe(shared=gettext_lazy("Share your ratings (leave empty to see the setting)"))
    async def learning(self, interaction: Context, shared: bool | None = None) -> None:
        """Let other servers' recommendations learn from your stars, without a name; by default they don't."""
        await acknowledge(interaction, ephemeral=True)
        if shared is not None:
            await self.recommendations.set_member_sharing(interaction.user.id, shared)
        is_shared = await self.recommendations.repository.is_member_sharing(interaction.user.id)
        await respond(interaction, RatingSharingButton.render(is_on=is_shared))


async def setup(bot: Marquee) -> None:
    """Add the command groups, their buttons and menus."""
    bot.add_dynamic_items(*views.ITEMS, server_choice.ServerMenu)
    await bot.add_cog(ServerSettingsCog(bot.services))
    await bot.add_cog(MemberSettingsCog(bot.services.preferences))
    await bot.add_cog(MyDataCog(bot.services.privacy, bot.services.recommendations))


async def teardown(bot: Marquee) -> None:
    """Remove the buttons and menus again."""
    bot.remove_dynamic_items(*views.ITEMS, server_choice.ServerMenu)
