"""Modals that work whichever process opened them."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Self

import discord
from discord import ui

from bot.core.discord.error_handler import answer_error
from bot.core.discord.interactions import UnknownComponentError, check_form, check_text, repair_text
from bot.core.text.formatting import truncate

MODAL_TITLE_LIMIT = 45
ModalValues = dict[str, Any]
"""What was entered, by each field's custom_id: text, a choice, True or False, or a list of choices."""


class Modal(ui.Modal):
    """A modal that carries its state in its custom_id and works whichever process opened it.

    discord.py keeps modals in memory by custom_id: one member's would replace another's, and a restart would lose
    what somebody is typing. This one is never kept; `handle_modal_submit` builds it again when it is submitted.
    """

    template: ClassVar[re.Pattern[str]]

    def __init__(self, *, title: str, custom_id: str) -> None:
        super().__init__(title=truncate(title, MODAL_TITLE_LIMIT), custom_id=custom_id, timeout=None)
        self.stop()

    def get_text_to_return(self, values: ModalValues) -> str:
        """Return the text to return to the member if it can't be stored, "" for none."""
        return ""

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Handle the submitted values."""
        raise NotImplementedError

    @classmethod
    def from_custom_id_state(cls, **state: str) -> Self:
        """Return the modal built from the named groups of its template."""
        build: Callable[..., Self] = cls
        return build(**state)


async def handle_modal_submit(interaction: discord.Interaction[Any], modals: Sequence[type[Modal]]) -> None:
    """Pass a submitted modal to the class of `modals` whose template matches.

    Failures are answered, and so are modals of older versions, which no template matches.
    """
    data: Any = interaction.data
    values = read_modal_values(data["components"])
    matches = ((kind, kind.template.fullmatch(data["custom_id"])) for kind in modals)
    kind, match = next(((kind, match) for kind, match in matches if match is not None), (None, None))
    typed = ""
    try:
        if kind is None or match is None:
            typed = "\n".join(value for value in values.values() if isinstance(value, str))
            raise UnknownComponentError("form")
        modal = kind.from_custom_id_state(**match.groupdict())
        typed = modal.get_text_to_return(values)
        check_text(interaction)
        check_form(modal.walk_children(), values)
        await modal.handle_submit(interaction, values)
    except Exception as error:
        await answer_error(interaction, error, repair_text(typed))


def read_modal_values(components: Iterable[Any]) -> ModalValues:
    """Return the values in the components of a modal submission, as Discord sends them."""
    values: ModalValues = {}
    for component in components:
        if "component" in component:
            values |= read_modal_values([component["component"]])
        elif "components" in component:
            values |= read_modal_values(component["components"])
        elif "custom_id" in component:
            values[component["custom_id"]] = component.get("value", component.get("values"))
    return values
