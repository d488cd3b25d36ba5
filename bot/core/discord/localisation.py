"""The language of each reader: a member's own, or a server's for what everybody there reads.

A private reply is in the language of the member's Discord client, and so is everything in direct messages. A
public message is in the server's: the one its moderators chose, or else the one of its Discord settings.
"""

import discord
from discord import app_commands

from bot.core.text.cldr import weekday_name
from bot.core.text.i18n import SOURCE_LOCALE, _, list_catalogues, use_locale
from bot.core.text.time_words import list_typed_examples

DESCRIPTION_LIMIT, CONTEXT_MENU_LIMIT = 100, 32
"""Discord's limits: characters of a description or a choice's name, and of the name of a context menu."""
EXAMPLE = "{example}"
"""What stands in descriptions for a day and a time as readers type them."""
_DISCORD_SPANISH = "es-ES"
"""Discord's name of what is Spanish everywhere else: `es`."""


def gettext_lazy(message: str) -> app_commands.locale_str:
    """Return the description of a command or an option, or the name of a choice, marked for translators.

    Discord keeps these in all languages at once: it gets each from `CommandTranslator` when commands are synced.
    In each language `{example}` is a day and a time as its readers type them.
    """
    if EXAMPLE not in message:
        return app_commands.locale_str(message)
    return app_commands.locale_str(_fill_example(message), pattern=message)


def _fill_example(message: str) -> str:
    return message.replace(EXAMPLE, list_typed_examples()[0]) if EXAMPLE in message else message


def lazy_weekday(weekday: int) -> app_commands.locale_str:
    """Return the name of a weekday, counted from Monday as 0, for the name of a choice."""
    return app_commands.locale_str(weekday_name(weekday), weekday=weekday)


def lazy_decade(year: int) -> app_commands.locale_str:
    """Return the name of the decade that begins with the year, for the name of a choice."""
    return app_commands.locale_str(format_decade(year), decade=year)


def format_decade(year: int) -> str:
    """Return the name of the decade that begins with the year."""
    # Translators: a decade, as in “1990s”
    return _("{year}s").format(year=year)


class CommandTranslator(app_commands.Translator):
    """Tells Discord the descriptions of commands and options and the names of choices in every language.

    Commands and options keep their English names, which guides and other members use.
    """

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Return the text in the locale's language, or None where it has none or one longer than Discord takes."""
        where = app_commands.TranslationContextLocation
        is_context_menu = isinstance(context.data, app_commands.ContextMenu)
        if context.location is where.parameter_name or context.location is where.group_name:
            return None
        if context.location is where.command_name and not is_context_menu:
            return None
        if not string.message.strip():  # the message of this name is a catalogue's head
            return None
        limit = CONTEXT_MENU_LIMIT if is_context_menu else DESCRIPTION_LIMIT
        with use_locale(str(locale)):
            if "weekday" in string.extras:
                return weekday_name(string.extras["weekday"])
            if "decade" in string.extras:
                return format_decade(string.extras["decade"])
            text = _fill_example(_(string.extras.get("pattern", string.message)))
        return None if text == string.message or len(text) > limit else text


def list_languages() -> list[str]:
    """Return the locales that the bot speaks, as Discord names them, English first."""
    return [SOURCE_LOCALE, *(_DISCORD_SPANISH if locale == "es" else locale for locale in list_catalogues())]
