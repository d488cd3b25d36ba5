"""How old what TMDB said may be before it is asked again, and when it must be deleted."""

from datetime import timedelta

from bot.films.metadata import CachePolicy

CACHE_POLICY = CachePolicy(
    details_max_age=timedelta(days=7),
    streaming_max_age=timedelta(hours=24),
    # Films that came from TMDB alone are fetched again well before they would have to be deleted.
    renew_after=timedelta(days=150),
    # TMDB's terms let nothing be kept for more than six months.
    delete_after=timedelta(days=180),
)
