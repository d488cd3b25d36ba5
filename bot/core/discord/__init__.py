"""What every button, menu, form and autocomplete builds on: state in the custom_id, failures told once."""

from bot.core.discord.autocomplete import Choices, Suggest, suggestions, unique
from bot.core.discord.components import CUSTOM_ID_LIMIT, VERSION, Button, MemberMenu, Menu, custom_id
from bot.core.discord.context import UiServices, country_of, film_of, is_owner, is_private, server_of, services
from bot.core.discord.modals import FORM_TITLE_LIMIT, Form, FormValues, form_values, take_form
from bot.core.discord.views import COLOUR, MarqueeLayout, MarqueeModal, MarqueeView, changed, show

__all__ = [
    "COLOUR",
    "CUSTOM_ID_LIMIT",
    "FORM_TITLE_LIMIT",
    "VERSION",
    "Button",
    "Choices",
    "Form",
    "FormValues",
    "MarqueeLayout",
    "MarqueeModal",
    "MarqueeView",
    "MemberMenu",
    "Menu",
    "Suggest",
    "UiServices",
    "changed",
    "country_of",
    "custom_id",
    "film_of",
    "form_values",
    "is_owner",
    "is_private",
    "server_of",
    "services",
    "show",
    "suggestions",
    "take_form",
    "unique",
]
