"""Films that members wait for: one message when one comes to a service of theirs in their country."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.errors import InvalidInputError
from bot.films.metadata import Known
from bot.films.metadata_service import MetadataService
from bot.films.models import Film
from bot.films.service import FilmService
from bot.members.preferences import PreferenceService
from bot.streaming.subscriptions import SubscriptionService

ALERTS_LIMIT = 50
"""Films that one member may wait for."""
CHECKED = timedelta(hours=12)
"""Offers fetched longer ago are asked for again by the nightly check."""
TRIES = 3
"""Nights on which a message is tried where the member's direct messages are closed."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A film that a member waits for; `services` are those it came to, with `available_at`, where it has come."""

    member_id: int
    film_id: str
    country: str
    created_at: datetime
    services: tuple[str, ...] = ()
    available_at: datetime | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class News:
    """A film that has come to services of a member's."""

    film: Film
    country: str
    services: tuple[str, ...]


class AlertStore(Protocol):
    """Where alerts are kept."""

    async def of(self, member_id: int) -> list[Alert]:
        """Give the member's alerts, oldest first."""
        ...

    async def put(self, alert: Alert) -> None:
        """Store the alert, in place of one of the same member and film."""
        ...

    async def put_many(self, alerts: Sequence[Alert]) -> None:
        """Store the alerts that still stand; one taken back meanwhile stays so."""
        ...

    async def delete(self, member_id: int, film_ids: Sequence[str] | None = None) -> int:
        """Delete the member's alerts of these films, or all; give how many there were."""
        ...

    async def film_ids(self) -> list[str]:
        """Give the films that somebody waits for, each once."""
        ...

    async def waiting_for(self, film_id: str) -> list[Alert]:
        """Give the alerts of a film, those already come but untold included."""
        ...


class AlertService:
    """Keeps alerts, and once a night tells what came. The check asks once for each film, however many wait."""

    def __init__(
        self,
        store: AlertStore,
        catalogue: FilmService,
        online: MetadataService,
        wanted: tuple[SubscriptionService, PreferenceService],
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._online = online
        self._subscriptions, self._preferences = wanted
        self._now: Callable[[], datetime] = online.now

    async def of(self, member_id: int) -> list[Alert]:
        """Give the member's alerts, oldest first; what has not come is looked up in the country named."""
        alerts = await self._store.of(member_id)
        return [
            alert if alert.available_at else replace(alert, country=await self._country(alert)) for alert in alerts
        ]

    async def ask(self, member_id: int, film: Film, country: str) -> tuple[str, ...]:
        """Store the alert, or give the member's services that show the film already; then nothing is stored.

        Raises InvalidInputError for a member without services, or with too many alerts.
        """
        mine = await self._subscriptions.of(member_id)
        if not mine:
            raise InvalidInputError("Name what you subscribe to first, with `/services`.")
        known = await self._online.look(film) or await self._online.fetch(film)
        if there := _there(known, country, mine):
            return there
        alerts = await self._store.of(member_id)
        if len(alerts) >= ALERTS_LIMIT and film.id not in {alert.film_id for alert in alerts}:
            raise InvalidInputError(
                f"You wait for {ALERTS_LIMIT} films already: `/alert` shows them, to take some back."
            )
        await self._store.put(Alert(member_id, film.id, country, self._now()))
        return ()

    async def take_back(self, member_id: int, film_ids: Sequence[str] | None = None) -> int:
        """Delete the member's alerts of these films, or all; give how many there were."""
        return await self._store.delete(member_id, film_ids)

    async def check(self, max_age: timedelta = CHECKED) -> dict[int, list[News]]:
        """Give what has come, by member, and keep it until it is told; offers over `max_age` are asked for."""
        news: dict[int, list[News]] = defaultdict(list)
        for film_id in await self._store.film_ids():
            film = await self._catalogue.get(film_id)
            if film is None:
                continue
            known = await self._online.fetch(film, max_age)
            waiting = await self._store.waiting_for(film_id)
            come = [each for alert in waiting if (each := await self._come(known, alert)) is not None]
            await self._store.put_many(come)
            for alert in come:
                news[alert.member_id].append(News(film, alert.country, alert.services))
        return dict(news)

    async def told(self, member_id: int, news: Sequence[News]) -> None:
        """Note that the member was told: these alerts are done."""
        await self._store.delete(member_id, [each.film.id for each in news])

    async def not_told(self, member_id: int, news: Sequence[News]) -> None:
        """Note that the member could not be told; it is tried on further nights, and shown by /alert meanwhile."""
        ids = {each.film.id for each in news}
        alerts = [alert for alert in await self._store.of(member_id) if alert.film_id in ids]
        await self._store.put_many([replace(alert, attempts=alert.attempts + 1) for alert in alerts])

    async def _come(self, known: Known | None, alert: Alert) -> Alert | None:
        """Give the alert with what it has come to, or None where it has not, or was tried often enough."""
        if alert.attempts >= TRIES:
            return None
        country = await self._country(alert)
        services = _there(known, country, await self._subscriptions.of(alert.member_id))
        if not services:
            return None
        came = alert.available_at or self._now()
        return replace(alert, country=country, services=services, available_at=came)

    async def _country(self, alert: Alert) -> str:
        """Give where the member streams now, or where they asked from if they no longer say."""
        return (await self._preferences.country(alert.member_id, None) or (alert.country,))[0]


def _there(known: Known | None, country: str, mine: Mapping[str, str]) -> tuple[str, ...]:
    """Give those of the services that show the film in the country without a further payment."""
    if known is None or known.streaming is None:
        return ()
    return known.streaming.within(country).of(mine)
