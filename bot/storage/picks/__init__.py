"""The marquee, in and out of the database."""

from bot.storage.picks.clock import PickClockStore
from bot.storage.picks.plans import PickStore
from bot.storage.picks.voices import PickVoiceStore

__all__ = ["PickClockStore", "PickStore", "PickVoiceStore"]
