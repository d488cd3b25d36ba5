"""Alerts for films that come to a member's streaming services."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.core.errors import InvalidInputError, MarqueeError
from bot.core.text.i18n import _
from bot.films.metadata import StreamingService
from bot.films.models import Film

SUBSCRIPTIONS_LIMIT = 50
"""Streaming services that one member may name."""
ALERTS_LIMIT = 50
"""Films that one member may have alerts for."""

CATALOGUE_SERVICE_IDS = {"Netflix": 8, "Prime Video": 9, "Hulu": 15, "Disney+": 337, "Apple TV+": 350}
"""TMDB's ids of the services that the starter catalogue names."""


class NoServicesError(MarqueeError):
    """No streaming service is known at all, so none can be named."""

    def __init__(self) -> None:
        super().__init__(_("I don't know any streaming services yet. The bot's owner can add a TMDB key."))


class NoCountryError(InvalidInputError):
    """A member who has to say first in which country they stream."""

    def __init__(self) -> None:
        super().__init__(_("Set your country with `/me country` first."))


class NoSubscriptionsError(InvalidInputError):
    """A member who has to choose their streaming services first."""

    def __init__(self) -> None:
        super().__init__(_("Choose your streaming services with `/services` first."))


class AlertsFullError(MarqueeError):
    """A member has as many alerts as one may have."""

    def __init__(self) -> None:
        super().__init__(
            _("You already have {count} alerts. Remove one with `/alert` first.").format(count=ALERTS_LIMIT)
        )


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


def find_renamed_services(stored: Mapping[int, str], fetched: Iterable[StreamingService]) -> dict[str, str]:
    """Return the new names, by the old one, of services that go by another name now.

    `stored` has the names by id that the source gave before, `fetched` what it says now. The catalogue's own names
    are old ones wherever the source has another. A name that any service still has is not old: services that share
    one are told apart by nothing else in what is stored.
    """
    services = list(fetched)
    names = {service.source_id: service.name for service in services}
    current = {service.name for service in services}
    known = [*((service_id, name) for name, service_id in CATALOGUE_SERVICE_IDS.items()), *stored.items()]
    return {name: names[service_id] for service_id, name in known if name not in current and service_id in names}
