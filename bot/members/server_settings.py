"""What a server's moderators have set for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

Value = TypeVar("Value")
SettingChanges = Mapping[str, Any]
"""New values by the name of a field of `ServerSettings`; None takes a setting back."""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """A server's settings, each a column of the table `server_settings`.

    None means that nothing was set: then the default of the feature that reads the setting applies, which is
    defined in that feature. Countries are ISO 3166-1 alpha-2, time zones IANA names; `rotation_time` is in minutes
    after midnight, `rotation_weekday` counts from Monday as 0, `rotation_day` is a day of the month. Values of
    enumerations are stored as text. `ratings_shared_at` is when the moderators let recommendations learn across
    servers, None where they do not. `import_counting` says whether imported ratings count. `language` is a
    locale as Discord names it, None for the one of its Discord settings.
    """

    country: str | None = None
    minimum_raters: int | None = None
    report_threshold: int | None = None
    moderator_role_id: int | None = None
    log_channel_id: int | None = None
    word_filter: tuple[str, ...] | None = None
    curator_role_id: int | None = None
    time_zone: str | None = None
    rotation_interval: str | None = None
    rotation_time: int | None = None
    rotation_weekday: int | None = None
    rotation_day: int | None = None
    announcement_channel_id: int | None = None
    announcement_role_id: int | None = None
    has_announcement_thread: bool | None = None
    has_retrospective: bool | None = None
    refill: str | None = None
    poll_hours: int | None = None
    is_announcement_published: bool | None = None
    ratings_shared_at: datetime | None = None
    night_host_role_id: int | None = None
    counts_departed_ballots: bool | None = None
    is_conversation_off: bool | None = None
    conversation_channel_ids: tuple[int, ...] | None = None
    import_counting: str | None = None
    letterboxd_channel_id: int | None = None
    letterboxd_snoozed_until: datetime | None = None
    language: str | None = None

    def with_changes(self, changes: SettingChanges) -> "ServerSettings":
        """Return the settings with these fields changed. Raises TypeError for the name of no field."""
        return replace(self, **changes)


def or_default(value: Value | None, default: Value) -> Value:
    """Return the value of a setting, or a feature's default where nothing was set."""
    return default if value is None else value
