"""Recommendations as members see them."""

from bot.recommendations import list_views as lists
from bot.recommendations import onboarding_views as first

ITEMS = (*first.ITEMS, *lists.ITEMS)
