"""The answer that leaves everything as it is, under a question whether to delete or remove something."""

from typing import Any

import discord
from discord import ui

from bot.core.discord.components import Acknowledgement, Button, View, custom_id
from bot.core.discord.response import Response, edit_or_respond
from bot.core.text.i18n import _, gettext_noop

_SENTENCES = {"deleted": gettext_noop("Nothing was deleted."), "removed": gettext_noop("Nothing was removed.")}


class KeepButton(Button, template=r"v1:keep:(?P<outcome>deleted|removed)"):
    """Closes the question, and says what did not happen."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, outcome: str = "deleted") -> None:
        self.outcome = outcome
        super().__init__(ui.Button(label=_("Keep it"), custom_id=custom_id("keep", outcome)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Say it in place of the question."""
        content = _(_SENTENCES[self.outcome])
        await edit_or_respond(interaction, Response(content, view=View()), edit=True)
