"""What members subscribe to, which films they can watch with it, and alerts when a film comes to a service."""

import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.core.errors import InvalidInputError
from bot.core.text.folding import find_titles, fold
from bot.core.text.formatting import escape_line
from bot.core.text.i18n import _
from bot.films.metadata import CachedMetadata, SourceError, StreamingService, service_key
from bot.films.metadata_service import MetadataService
from bot.films.models import Film
from bot.films.service import FilmService
from bot.members.service import PreferenceService
from bot.streaming.models import (
    SUBSCRIPTIONS_LIMIT,
    Alert,
    AlertNotification,
    NoServicesError,
    NoSubscriptionsError,
)
from bot.streaming.repository import StreamingRepository

log = logging.getLogger(__name__)
FetchServices = Callable[[], Awaitable[list[StreamingService]]]


class SubscriptionService:
    """Keeps subscriptions and, in memory, the streaming services to choose from.

    `fetch_services` fetches these services from the metadata source; it is None without one. `repository` reads
    members' subscriptions.
    """

    def __init__(self, repository: StreamingRepository, fetch_services: FetchServices | None = None) -> None:
        self.repository = repository
        self._fetch_services = fetch_services
        self._services: list[StreamingService] = []
        self._names: dict[str, str] = {}
        self._current_keys: frozenset[str] = frozenset()

    async def open(self) -> None:
        """Load the services stored when they were last fetched."""
        await self.load_services(await self.repository.list_services() if self._fetch_services is not None else ())

    async def refresh_services(self) -> None:
        """Fetch and store the services, and load them; if the source fails, those stored."""
        if self._fetch_services is not None:
            try:
                if services := await self._fetch_services():
                    for old, new in (await self.repository.replace_services(services)).items():
                        log.info("the streaming service %s goes by the name %s now", old, new)
            except SourceError as error:
                log.warning("the streaming services could not be refreshed: %s", error)
        await self.open()

    async def load_services(self, services: Iterable[StreamingService]) -> None:
        """Load these services of the metadata source, and those that the catalogue names, into memory."""
        self._services = list(services)
        self._names = {service_key(name): name for name in await self.repository.list_catalogue_services()}
        # Services with the same key, such as a plan with ads, go by the shortest name.
        for service in sorted(self._services, key=lambda each: len(each.name), reverse=True):
            self._names[service_key(service.name)] = service.name
        self._current_keys = frozenset(self._names)

    def list_discontinued(self, keys: Iterable[str]) -> set[str]:
        """Return those of the keys that no service has any more; none while no services were fetched."""
        return {key for key in keys if key not in self._current_keys} if self._services else set()

    def list_services(self, country: str | None, limit: int = 25) -> list[str]:
        """Return the names of a country's services in the source's order, from memory.

        Those of all countries if `country` is None, and also if the country has none.
        """
        local = [service for service in self._services if country is None or country in service.display_priorities]
        local.sort(
            key=lambda service: service.display_priorities.get(
                country or "", min(service.display_priorities.values(), default=0)
            )
        )
        keys = dict.fromkeys(service_key(service.name) for service in local) or dict.fromkeys(self._names)
        return [self._names[key] for key in keys if key in self._names][:limit]

    def has_services(self, country: str) -> bool:
        """Return whether any service of the country is known, from memory."""
        return any(country in service.display_priorities for service in self._services)

    def suggest_services(self, text: str, country: str | None = None, limit: int = 25) -> list[str]:
        """Return services with `text` in their name, those of the country first, from memory."""
        folded = fold(text)
        names = [*self.list_services(country, 10_000), *sorted(self._names.values())]
        return [name for name in dict.fromkeys(names) if folded in fold(name)][:limit]

    async def set_subscriptions(self, member_id: int, names: Iterable[str]) -> dict[str, str]:
        """Store exactly these services as the member's; return their names by key.

        Raises InvalidInputError for an unknown service or too many of them, NoServicesError if none is known.
        """
        services = self._find_services(names)
        await self.repository.replace_subscriptions(member_id, services)
        return services

    def _find_services(self, names: Iterable[str]) -> dict[str, str]:
        """Return the services of these names, names by key. Raises as `set_subscriptions` does."""
        services = {}
        for name in names:
            key = service_key(name)
            if not self._names:
                raise NoServicesError
            if key not in self._names:
                raise InvalidInputError(
                    _("I don't know the service “{text}”. Pick one from the list.").format(
                        text=escape_line(name, 60)
                    )
                )
            services[key] = self._names[key]
        if len(services) > SUBSCRIPTIONS_LIMIT:
            raise InvalidInputError(
                _("You can choose up to {count} services. Remove one with `/services` first.").format(
                    count=SUBSCRIPTIONS_LIMIT
                )
            )
        return services

    async def choose_subscriptions(
        self, member_id: int, shown: Iterable[str], chosen: Iterable[str]
    ) -> dict[str, str]:
        """Store which of the services `shown` in a menu the member chose; return all of theirs, names by key.

        Services that were not shown stay as they are, also those that no longer go by that name. Raises as
        `set_subscriptions` does.
        """
        keys = {service_key(name) for name in shown}
        names = list(chosen)

        def choose(existing: dict[str, str]) -> dict[str, str]:
            unchanged = {key: name for key, name in existing.items() if key not in keys}
            return self._find_services([*self._remember(unchanged), *names])

        return await self.repository.change_subscriptions(member_id, choose)

    async def add_subscription(self, member_id: int, name: str) -> dict[str, str]:
        """Add one service to the member's; return all of theirs, names by key.

        Raises as `set_subscriptions` does.
        """
        return await self.repository.change_subscriptions(
            member_id, lambda existing: self._find_services([*self._remember(existing), name])
        )

    async def remove_subscription(self, member_id: int, name: str) -> dict[str, str]:
        """Remove one service from the member's; return the rest, names by key.

        Raises InvalidInputError if it is none of theirs.
        """

        def remove(existing: dict[str, str]) -> dict[str, str]:
            if service_key(name) not in existing:
                raise InvalidInputError(_("That isn't one of your services. See yours with `/services`."))
            return {key: each for key, each in existing.items() if key != service_key(name)}

        return await self.repository.change_subscriptions(member_id, remove)

    def _remember(self, services: Mapping[str, str]) -> Iterable[str]:
        """Return the names of services stored before; those that the source no longer has stay valid."""
        for key, name in services.items():
            self._names.setdefault(key, name)
        return services.values()

    async def list_watchable_films(
        self, member_id: int, country: str, film_ids: Collection[str] | None = None
    ) -> set[str]:
        """Return those of the films that the member's services show in the country without a further payment.

        Of all films if `film_ids` is None.
        """
        subscribed = (await self.repository.get_subscriptions(member_id)).keys()
        if not subscribed:
            return set()
        services = await self.repository.list_including_services(country, film_ids)
        return {film_id for film_id, keys in services.items() if keys & subscribed}

    async def list_services_by_film(self, countries: Mapping[int, str]) -> dict[str, tuple[str, ...]]:
        """Return by film the names of the services that show it to at least one of the members.

        `countries` has the country that each member streams in. A film that none of them can watch without a
        further payment is absent.
        """
        subscribed: dict[str, dict[str, str]] = defaultdict(dict)
        for member_id, country in countries.items():
            subscribed[country] |= await self.repository.get_subscriptions(member_id)
        by_film: dict[str, dict[str, str]] = defaultdict(dict)
        for country, names in sorted(subscribed.items()):
            including = await self.repository.list_including_services(country) if names else {}
            for film_id, keys in including.items():
                if keys & names.keys():
                    by_film[film_id] |= {key: name for key, name in names.items() if key in keys}
        return {film_id: tuple(names.values()) for film_id, names in by_film.items()}


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

        Raises NoSubscriptionsError for a member without services, AlertsFullError.
        """
        subscriptions = await self.repository.get_subscriptions(member_id)
        if not subscriptions:
            raise NoSubscriptionsError
        metadata = await self._metadata.get_cached(film) or await self._metadata.refresh(film)
        if services := _list_services(metadata, country, subscriptions):
            return services
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
        await self.repository.count_failed_attempt(member_id, [each.film.id for each in notifications])

    async def has_alert(self, member_id: int, film_id: str) -> bool:
        """Return whether the member has an alert for the film."""
        return any(alert.film_id == film_id for alert in await self.repository.list_alerts(member_id))

    async def find_alerts(self, member_id: int, text: str, limit: int = 25) -> list[Film]:
        """Return the films that the member has alerts for and that fit what is typed, oldest alert first."""
        found = [
            await self._films.repository.get(alert.film_id)
            for alert in await self.repository.list_alerts(member_id)
        ]
        return find_titles(text, [film for film in found if film is not None], lambda film: film.titles, limit)

    async def find_alert(self, member_id: int, text: str) -> str | None:
        """Return the id of an alert's film: the one picked (`text` is it), or the only one that fits the text."""
        if await self.has_alert(member_id, text):
            return text
        found = await self.find_alerts(member_id, text, 2) if text.strip() else []
        return found[0].id if len(found) == 1 else None

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
