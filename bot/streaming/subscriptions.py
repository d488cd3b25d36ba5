"""What members subscribe to, and which films that lets them watch."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from bot.core.errors import InvalidInputError, MarqueeError
from bot.core.text.folding import fold
from bot.films.offers import StreamingService, service_key

SERVICES_LIMIT = 50
"""Services that one member may name."""


class SubscriptionStore(Protocol):
    """Where subscriptions are kept."""

    async def of(self, member_id: int) -> dict[str, str]:
        """Give the member's services, their names by key, in the order of their names."""
        ...

    async def put(self, member_id: int, services: Mapping[str, str]) -> None:
        """Store exactly these services, names by key."""
        ...

    async def included(self, country: str, film_ids: Collection[str] | None = None) -> dict[str, set[str]]:
        """Give the keys of the services that show each film in the country without a further payment.

        All films where `film_ids` is None; a film that none shows is absent.
        """
        ...

    async def catalogue_services(self) -> list[str]:
        """Give the services that the catalogue itself names."""
        ...


class NoServicesError(MarqueeError):
    """A service to be named where none is known at all."""

    def __init__(self) -> None:
        super().__init__(
            "No streaming service is known here yet. They come with a key for TMDB, which whoever runs Marquee "
            "can add."
        )


class SubscriptionService:
    """Answers what a member subscribes to, and what of some films they can watch with it."""

    def __init__(self, store: SubscriptionStore) -> None:
        self._store = store
        self._services: list[StreamingService] = []
        self._names: dict[str, str] = {}

    async def load(self, services: Iterable[StreamingService]) -> None:
        """Take in the services there are, those of the source and those that the catalogue names."""
        self._services = list(services)
        self._names = {service_key(name): name for name in await self._store.catalogue_services()}
        for service in sorted(self._services, key=lambda each: len(each.name), reverse=True):
            self._names[service_key(service.name)] = service.name

    def offered(self, country: str | None, limit: int = 25) -> list[str]:
        """Give the names of the services of a country, in the source's order, each once; memory alone."""
        here = [service for service in self._services if country is None or country in service.display_priorities]
        here.sort(
            key=lambda service: service.display_priorities.get(
                country or "", min(service.display_priorities.values(), default=0)
            )
        )
        keys = dict.fromkeys(service_key(service.name) for service in here) or dict.fromkeys(self._names)
        return [self._names[key] for key in keys if key in self._names][:limit]

    def knows(self, country: str) -> bool:
        """Tell whether any service of the country is known; memory alone."""
        return any(country in service.display_priorities for service in self._services)

    def suggest(self, text: str, country: str | None, limit: int = 25) -> list[str]:
        """Give services whose name holds `text`, those of the country first; memory alone."""
        asked = fold(text)
        named = [*self.offered(country, 10_000), *sorted(self._names.values())]
        return [name for name in dict.fromkeys(named) if asked in fold(name)][:limit]

    async def of(self, member_id: int) -> dict[str, str]:
        """Give the member's services, their names by key."""
        return await self._store.of(member_id)

    async def choose(self, member_id: int, names: Iterable[str]) -> dict[str, str]:
        """Store exactly these services and give them.

        Raises InvalidInputError for one that is not known, or for too many, NoServicesError where none is known.
        """
        services = {}
        for name in names:
            key = service_key(name)
            if not self._names:
                raise NoServicesError
            if key not in self._names:
                raise InvalidInputError("No service is called that. Pick one of those offered while you type.")
            services[key] = self._names[key]
        if len(services) > SERVICES_LIMIT:
            raise InvalidInputError(
                f"At most {SERVICES_LIMIT} services can be named. Take one off first, with `/services`."
            )
        await self._store.put(member_id, services)
        return services

    async def choose_among(self, member_id: int, shown: Iterable[str], names: Iterable[str]) -> dict[str, str]:
        """Store that of the services `shown` the member has these, and give all of theirs.

        What was not shown stays as it is, services that no longer go by that name too. Raises InvalidInputError
        as `choose` does.
        """
        keys = {service_key(name) for name in shown}
        kept = {key: name for key, name in (await self.of(member_id)).items() if key not in keys}
        return await self.choose(member_id, [*self._kept(kept), *names])

    async def add(self, member_id: int, name: str) -> dict[str, str]:
        """Add one service to the member's and give them all. Raises InvalidInputError as `choose` does."""
        return await self.choose(member_id, [*self._kept(await self.of(member_id)), name])

    async def remove(self, member_id: int, name: str) -> dict[str, str]:
        """Take one service from the member's and give the rest. Raises InvalidInputError for none of theirs."""
        kept = await self.of(member_id)
        if kept.pop(service_key(name), None) is None:
            raise InvalidInputError(
                "That is none of your services, so nothing was changed. `/services` shows yours."
            )
        await self._store.put(member_id, kept)
        return kept

    def _kept(self, services: Mapping[str, str]) -> Sequence[str]:
        """Give the names of services already stored, letting none be lost that the source no longer names."""
        for key, name in services.items():
            self._names.setdefault(key, name)
        return list(services.values())

    async def only_mine(self, member_id: int, country: str, film_ids: Collection[str] | None = None) -> set[str]:
        """Give those of the films that the member's services show in the country without a further payment.

        All films that are known to be shown where `film_ids` is None. This is the filter for “only my services”.
        """
        mine = (await self.of(member_id)).keys()
        if not mine:
            return set()
        shown = await self._store.included(country, film_ids)
        return {film_id for film_id, services in shown.items() if services & mine}

    async def shown_to(self, watchers: Mapping[int, str]) -> dict[str, tuple[str, ...]]:
        """Give by film the names of the services that show it to one of the members at least.

        `watchers` are members with the country that each watches in. A film that none of them can watch without
        a further payment is absent.
        """
        by_country: dict[str, dict[str, str]] = defaultdict(dict)
        for member_id, country in watchers.items():
            by_country[country] |= await self.of(member_id)
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for country, mine in sorted(by_country.items()):
            shown = await self._store.included(country) if mine else {}
            for film_id, keys in shown.items():
                if keys & mine.keys():
                    found[film_id] |= {key: name for key, name in mine.items() if key in keys}
        return {film_id: tuple(names.values()) for film_id, names in found.items()}
