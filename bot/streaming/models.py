"""Alerts for films that come to a member's streaming services."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.errors import MarqueeError
from bot.films.models import Film

SUBSCRIPTIONS_LIMIT = 50
"""Streaming services that one member may name."""
ALERTS_LIMIT = 50
"""Films that one member may have alerts for."""


class NoServicesError(MarqueeError):
    """No streaming service is known at all, so none can be named."""

    def __init__(self) -> None:
        super().__init__(
            "No streaming service is known here yet. They come with a key for TMDB, which whoever runs Marquee "
            "can add."
        )


class AlertsFullError(MarqueeError):
    """A member has as many alerts as one may have."""

    def __init__(self) -> None:
        super().__init__(f"You wait for {ALERTS_LIMIT} films already: `/alert` shows them, to take some back.")


@dataclass(frozen=True, slots=True)
class Alert:
    """A film that a member wants to be notified about.

    `country` (ISO 3166-1 alpha-2) is where they streamed when they asked. Once the film has come, `services` are
    those of the member's that show it, since `available_at`, and `attempts` counts messages that failed.
    """

    member_id: int
    film_id: str
    country: str
    created_at: datetime
    services: tuple[str, ...] = ()
    available_at: datetime | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class AlertNotification:
    """A film that has come to a member's services in a country, of which they are to be notified."""

    film: Film
    country: str
    services: tuple[str, ...]
