"""Where films can be watched, by country, as a source online tells it."""

import re
from collections.abc import Collection as AnyCollection
from dataclasses import dataclass, field
from enum import StrEnum

from bot.core.text.folding import fold, transliterate


class Offer(StrEnum):
    """What watching takes; the value is how a member is told, the order is that of a card."""

    SUBSCRIPTION = "Subscription"
    FREE = "Free"
    ADS = "With ads"
    RENT = "Rent"
    BUY = "Buy"


INCLUDED = frozenset({Offer.SUBSCRIPTION, Offer.FREE, Offer.ADS})
"""Offers that cost nothing beyond the subscription."""
_WITH_ADS = re.compile(r"\b(?:standard |basic )?(?:with ads|ad supported)$")


def service_key(name: str) -> str:
    """Give a service's name in the form that is compared: `Netflix Standard with Ads` is `netflix`."""
    folded = transliterate(fold(name.replace("+", " plus ")))
    return _WITH_ADS.sub("", folded).strip() or folded


@dataclass(frozen=True, slots=True)
class CountryOffers:
    """What there is in one country: services by kind of offer, as the source orders them."""

    services: dict[Offer, tuple[str, ...]] = field(default_factory=dict)
    link: str = ""

    def included(self) -> dict[str, str]:
        """Give the services that show the film without a further payment, their names by key."""
        found: dict[str, str] = {}
        for offer in Offer:
            for name in self.services.get(offer, ()) if offer in INCLUDED else ():
                found.setdefault(service_key(name), name)
        return found

    def of(self, keys: AnyCollection[str]) -> tuple[str, ...]:
        """Give those of the services with these keys that show the film without a further payment."""
        return tuple(name for key, name in self.included().items() if key in keys)


@dataclass(frozen=True, slots=True)
class Streaming:
    """Offers by country (ISO 3166-1 alpha-2); a country without any is absent."""

    countries: dict[str, CountryOffers] = field(default_factory=dict)

    def within(self, country: str) -> CountryOffers:
        """Give the offers of that country."""
        return self.countries.get(country, CountryOffers())


@dataclass(frozen=True, slots=True)
class StreamingService:
    """A service, with its place in each country's order (lower comes first)."""

    name: str
    display_priorities: dict[str, int] = field(default_factory=dict)
