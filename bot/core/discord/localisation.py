"""What Discord itself shows of commands, in each member's language."""

from discord import app_commands


def gettext_lazy(message: str) -> app_commands.locale_str:
    """Return the description of a command or an option, or the name of a choice, marked for translators.

    Discord keeps these in all languages at once: it gets each from the tree's translator when commands are synced.
    """
    return app_commands.locale_str(message)
