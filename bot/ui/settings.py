"""What is told of settings."""

from bot.films.preferences import CountrySource
from bot.ui.countries import country_name, flag


def country_stored(country: str | None, *, server: bool) -> str:
    """Say what country is set now."""
    whose = "This server's" if server else "Your"
    if country is None:
        rest = (
            "Members who set none of their own see no country." if server else "The server's counts for you now."
        )
        return f"{whose} country is no longer set. {rest}"
    where = f"{country_name(country)} {flag(country)}"
    if server:
        return f"This server's country is **{where}**, for all members who set none of their own."
    return f"Your country is **{where}**: cards show you where to stream there."


def country_in_force(found: tuple[str, CountrySource] | None) -> str:
    """Say what country holds for a member, and why."""
    if found is None:
        return "No country is set, by you or by the server. `/me country` with a country sets yours."
    country, source = found
    where = f"{country_name(country)} {flag(country)}"
    if source is CountrySource.MEMBER:
        return f"Your country is **{where}**."
    return f"You have set no country; the server's is **{where}**."
