"""Building blocks for everything Discord shows: components, modals, autocomplete, responses, error replies."""

from bot.core.discord.autocomplete import Choices, autocomplete, unique_choices
from bot.core.discord.components import (
    COLOUR,
    Acknowledgement,
    Button,
    LayoutView,
    MemberMenu,
    Menu,
    ServiceRegistry,
    View,
    can_edit_message,
    custom_id,
    get_service,
    has_role,
    is_command_author,
    is_ephemeral,
    replace_items,
    require_guild_id,
    utcnow,
)
from bot.core.discord.in_flight import InFlight
from bot.core.discord.installs import is_direct_message, user_installable
from bot.core.discord.localisation import gettext_lazy
from bot.core.discord.modals import Modal, ModalValues, handle_modal_submit
from bot.core.discord.response import (
    Response,
    acknowledge,
    acknowledge_if_busy,
    acknowledge_press,
    edit_or_respond,
    respond,
    respond_deferred,
    respond_publicly,
)

__all__ = [
    "COLOUR",
    "Acknowledgement",
    "Button",
    "Choices",
    "InFlight",
    "LayoutView",
    "MemberMenu",
    "Menu",
    "Modal",
    "ModalValues",
    "Response",
    "ServiceRegistry",
    "View",
    "acknowledge",
    "acknowledge_if_busy",
    "acknowledge_press",
    "autocomplete",
    "can_edit_message",
    "custom_id",
    "edit_or_respond",
    "get_service",
    "gettext_lazy",
    "handle_modal_submit",
    "has_role",
    "is_command_author",
    "is_direct_message",
    "is_ephemeral",
    "replace_items",
    "require_guild_id",
    "respond",
    "respond_deferred",
    "respond_publicly",
    "unique_choices",
    "user_installable",
    "utcnow",
]
