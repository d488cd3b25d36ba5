"""Forms that are taken whichever process showed them."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Self

import discord

from bot.core.discord.error_handler import answer
from bot.core.discord.views import MarqueeModal
from bot.core.text.escaping import cut

FORM_TITLE_LIMIT = 45
FormValues = dict[str, Any]


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
