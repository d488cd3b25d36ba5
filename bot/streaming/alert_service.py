"""Alerts: members are notified once when a film comes to one of their services in their country."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.core.errors import InvalidInputError
from bot.films.metadata import CachedMetadata
from bot.films.metadata_service import MetadataService
from bot.films.models import Film
from bot.films.service import FilmService
from bot.members.preference_service import PreferenceService
from bot.streaming.models import ALERTS_LIMIT, Alert, AlertNotification
from bot.streaming.repository import StreamingRepository

OFFERS_MAX_AGE = timedelta(hours=12)
"""The nightly check fetches offers older than this again."""
DELIVERY_ATTEMPTS = 3
"""Nights on which a message is tried if the member's direct messages are closed."""


class AlertService:
    """Keeps alerts and checks them. The check fetches each film's offers once, however many members wait for it.

    `repository` deletes alerts.
    """

    def __init__(
        self,
        repository: StreamingRepository,
        films: FilmService,
        metadata: MetadataService,
        preferences: PreferenceService,
    ) -> None:
        self.repository = repository
        self._films = films
        self._metadata = metadata
        self._preferences = preferences

    async def list_alerts(self, member_id: int) -> list[Alert]:
        """Return the member's alerts, oldest first; those still open with the country that is checked now."""
        alerts = await self.repository.list_alerts(member_id)
        return [
            alert if alert.available_at else replace(alert, country=await self._get_country(alert))
            for alert in alerts
        ]

    async def add_alert(self, member_id: int, film: Film, country: str) -> tuple[str, ...]:
        """Store an alert, unless services of the member's show the film already: then return their names.

        Raises InvalidInputError for a member without services, or with too many alerts.
        """
        subscriptions = await self.repository.get_subscriptions(member_id)
        if not subscriptions:
            raise InvalidInputError("Name what you subscribe to first, with `/services`.")
        metadata = await self._metadata.get_cached(film) or await self._metadata.refresh(film)
        if services := _list_services(metadata, country, subscriptions):
            return services
        alerts = await self.repository.list_alerts(member_id)
        if len(alerts) >= ALERTS_LIMIT and film.id not in {alert.film_id for alert in alerts}:
            raise InvalidInputError(
                f"You wait for {ALERTS_LIMIT} films already: `/alert` shows them, to take some back."
            )
        await self.repository.save_alert(Alert(member_id, film.id, country, self._metadata.now()))
        return ()

    async def check_alerts(self, max_age: timedelta = OFFERS_MAX_AGE) -> dict[int, list[AlertNotification]]:
        """Fetch offers older than `max_age`; return the notifications due by member.

        They stay due until `mark_delivered` or, after some nights, `mark_failed`.
        """
        due: dict[int, list[AlertNotification]] = defaultdict(list)
        for film_id in await self.repository.list_alert_film_ids():
            film = await self._films.repository.get(film_id)
            if film is None:
                continue
            metadata = await self._metadata.refresh(film, max_age)
            available = []
            for alert in await self.repository.list_alerts_for_film(film_id):
                if alert.attempts >= DELIVERY_ATTEMPTS:
                    continue
                country = await self._get_country(alert)
                subscriptions = await self.repository.get_subscriptions(alert.member_id)
                if services := _list_services(metadata, country, subscriptions):
                    available_at = alert.available_at or self._metadata.now()
                    available.append(replace(alert, country=country, services=services, available_at=available_at))
            await self.repository.update_alerts(available)
            for alert in available:
                due[alert.member_id].append(AlertNotification(film, alert.country, alert.services))
        return dict(due)

    async def mark_delivered(self, member_id: int, notifications: Sequence[AlertNotification]) -> None:
        """Delete the alerts that the member has been notified of."""
        await self.repository.delete_alerts(member_id, [each.film.id for each in notifications])

    async def mark_failed(self, member_id: int, notifications: Sequence[AlertNotification]) -> None:
        """Count an attempt that failed. It is repeated on further nights; meanwhile `/alert` shows the alerts."""
        film_ids = {each.film.id for each in notifications}
        alerts = [alert for alert in await self.repository.list_alerts(member_id) if alert.film_id in film_ids]
        await self.repository.update_alerts([replace(alert, attempts=alert.attempts + 1) for alert in alerts])

    async def _get_country(self, alert: Alert) -> str:
        """Return where the member streams now, or where they did when they asked if they no longer say."""
        country = await self._preferences.get_country(alert.member_id, None)
        return country.code if country is not None else alert.country


def _list_services(
    metadata: CachedMetadata | None, country: str, subscriptions: Mapping[str, str]
) -> tuple[str, ...]:
    """Return the subscribed services that show the film in the country without a further payment."""
    if metadata is None or metadata.streaming is None:
        return ()
    return metadata.streaming.get_country(country).list_included(subscriptions)
