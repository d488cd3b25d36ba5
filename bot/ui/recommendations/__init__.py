"""Recommendations as members see them."""

from bot.ui.recommendations import first, lists

ITEMS = (*first.ITEMS, *lists.ITEMS)
