"""Where a film can be watched, by country, as the metadata source says."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from bot.core.text.folding import fold, transliterate


class Offer(StrEnum):
    """What watching takes; the values are shown to members, in the order of a card."""

    SUBSCRIPTION = "Subscription"
    FREE = "Free"
    ADS = "With ads"
    RENT = "Rent"
    BUY = "Buy"


INCLUDED = frozenset({Offer.SUBSCRIPTION, Offer.FREE, Offer.ADS})
"""Offers that cost nothing beyond the subscription."""
_WITH_ADS = re.compile(r"\b(?:standard |basic )?(?:with ads|ad supported)$")


def service_key(name: str) -> str:
    """Return a service's name in the form that is compared: `Netflix Standard with Ads` is `netflix`."""
    folded = transliterate(fold(name.replace("+", " plus ")))
    return _WITH_ADS.sub("", folded).strip() or folded


@dataclass(frozen=True, slots=True)
class CountryOffers:
    """The offers in one country: services by kind of offer, in the source's order."""

    services: dict[Offer, tuple[str, ...]] = field(default_factory=dict)
    link: str = ""

    def get_included(self) -> dict[str, str]:
        """Return the names, by key, of the services that show the film without a further payment."""
        included: dict[str, str] = {}
        for offer in Offer:
            for name in self.services.get(offer, ()) if offer in INCLUDED else ():
                included.setdefault(service_key(name), name)
        return included

    def list_included(self, keys: Collection[str]) -> tuple[str, ...]:
        """Return the names of those services with these keys that show the film without a further payment."""
        return tuple(name for key, name in self.get_included().items() if key in keys)


@dataclass(frozen=True, slots=True)
class StreamingOffers:
    """Offers by country (ISO 3166-1 alpha-2); a country without any is absent."""

    countries: dict[str, CountryOffers] = field(default_factory=dict)

    def get_country(self, country: str) -> CountryOffers:
        """Return the offers in that country."""
        return self.countries.get(country, CountryOffers())


@dataclass(frozen=True, slots=True)
class StreamingService:
    """A service, with its position in each country's order (lower comes first)."""

    name: str
    display_priorities: dict[str, int] = field(default_factory=dict)
