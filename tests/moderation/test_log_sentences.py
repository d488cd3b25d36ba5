"""What an entry of the moderation log says, on plain values: settings, reports and reasons."""

from datetime import UTC, datetime

import pytest

from bot.core.text.i18n import use_locale
from bot.imports.embeds import describe_counting
from bot.imports.models import ImportCounting
from bot.moderation.embeds import describe_reason
from bot.moderation.models import (
    Action,
    LogEntry,
    format_logged_reports,
    format_logged_settings,
    parse_logged_settings,
)
from tests.languages import BRACKETS, MEMBER, add_pseudo_languages

CHANGES = {
    "minimum_raters": 2,
    "report_threshold": 0,
    "moderator_role_id": 901,
    "log_channel_id": None,
    "word_filter": ("a", "b"),
    "import_counting": "never",
}
STORED = (
    "minimum raters: 2, report threshold: 0, moderator role: 901, log channel: none, blocked words: 2 words, "
    "import counting: never"
)


def describe(action: Action, reason: str) -> str:
    return describe_reason(LogEntry(action, 1, None, datetime(2026, 1, 1, tzinfo=UTC), reason=reason))


def test_settings_are_logged_as_ever_and_shown_by_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    assert format_logged_settings(CHANGES) == STORED
    assert parse_logged_settings(STORED) is not None
    assert describe(Action.SETTINGS, STORED) == (
        "Ratings needed for `/top`: 2 · Reports that hide a review: none · Moderator role: <@&901> · "
        "Log channel: none · Blocked words: 2 · " + describe_counting(ImportCounting.NEVER)
    )
    add_pseudo_languages(monkeypatch)
    with use_locale(MEMBER):
        parts = describe(Action.SETTINGS, STORED).split(" · ")
        opening, closing = BRACKETS[MEMBER]
        assert len(parts) == len(CHANGES)
        assert all(part.startswith(opening) and part.endswith(closing) for part in parts)


@pytest.mark.parametrize(
    "reason", ["", "moved the channel", "log channel", "refil: best", "log channel: 9, see: above", "*x*: 1"]
)
def test_what_no_setting_says_is_shown_as_it_is_stored(reason: str) -> None:
    assert describe(Action.SETTINGS, reason) == reason.replace("*", "\\*")


def test_reports_are_counted_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    assert format_logged_reports(1) == "1 report"
    assert [describe(Action.AUTO_HIDE, text) for text in ("1 reports", "1 report", "3 reports")] == [
        "1 report", "1 report", "3 reports",
    ]  # fmt: skip
    add_pseudo_languages(monkeypatch)
    with use_locale(MEMBER):
        assert describe(Action.AUTO_HIDE, "3 reports").startswith(BRACKETS[MEMBER][0])
    assert describe(Action.HIDE, "3 reports") == "3 reports"
