"""Members plan film nights and picks at times typed in their own language."""

import pytest

from bot.core.errors import InvalidInputError
from bot.core.text.i18n import use_locale
from bot.nights.planning import parse_reminders
from bot.nights.service import parse_moments
from tests.conftest import World
from tests.languages import speak
from tests.picks.moments import utc
from tests.responses import FILM, read_text, require_response


@pytest.mark.begins("2026-01-05 12:00")  # a Monday
async def test_planning_in_german_japanese_and_french(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def plan(when: str) -> str:
        result = await world.sam.slash(world.channel, "night plan", name="Noir", when=when)
        assert require_response(result).ephemeral
        return read_text(result)

    friday, saturday = (f"<t:{int(utc(f'2026-01-{day}T20:30').timestamp())}:F>" for day in ("09", "10"))
    speak(monkeypatch, member="de", server="en-US")
    assert friday in await plan("Freitag 20 Uhr 30")
    assert saturday in await plan("Samstagabend um halb neun")
    assert "8 Uhr abends" in await plan("Freitag um 8")  # asked whether in the morning or in the evening
    assert "morgen um 20:30" in await plan("irgendwann")
    speak(monkeypatch, member="ja", server="en-US")
    assert friday in await plan("金曜日の午後8時半")
    assert "明日の夜8時" in await plan("いつか")
    assert "金曜日 20時" in await plan("、")
    await plan("金曜20時、土曜20時または日曜18時")
    nights = await world.services.nights.repository.list_open(world.server.id)
    [times] = [night.poll_times for night in nights if night.poll_times]
    assert times == (utc("2026-01-09T20:00"), utc("2026-01-10T20:00"), utc("2026-01-11T18:00"))
    speak(monkeypatch, member="fr", server="en-US")
    pick = await world.sam.slash(world.channel, "pick add", film=FILM, **{"from": "vendredi 20h30"})
    assert "vendredi 9 janvier 2026, 20:30" in read_text(pick).replace(" à ", ", ")


@pytest.mark.parametrize(
    ("locale", "text", "days"),
    [
        ("en-US", "Dec 4, 2026", ["04"]),
        ("en-US", "friday, 4 december 8pm", ["04"]),
        ("en-US", "4 dec, 5 dec or 6 dec", ["04", "05", "06"]),
        ("de", "Freitag, 4. Dezember, 20 Uhr", ["04"]),
        ("de", "4.12. 20 Uhr, 5.12. 20 Uhr oder 6.12. um 20 Uhr", ["04", "05", "06"]),
        ("es-ES", "viernes o sábado", ["04", "05"]),
        ("zh-CN", "周五20点、周六20点，周日晚上8点", ["04", "05", "06"]),
        ("ja", "12月4日20時、5日20時", ["04", "05"]),
    ],
)
def test_several_days_are_a_poll(locale: str, text: str, days: list[str]) -> None:
    with use_locale(locale):
        moments = parse_moments(text, "UTC", utc("2026-11-30T12:00"))
    assert moments == tuple(utc(f"2026-12-{day}T20:00") for day in days)


def test_a_weekday_that_does_not_fit_its_date_makes_no_poll() -> None:
    with pytest.raises(InvalidInputError, match="is a Friday"):
        parse_moments("Saturday, 4 December 20:00", "UTC", utc("2026-11-30T12:00"))


def test_reminders_are_read_in_the_members_language() -> None:
    for locale, text in (
        ("en-US", "1d, 1h"),
        ("de", "1 Tag, 1 Std."),
        ("fr", "1 jour, 1 heure"),
        ("pl", "1 dzień, 1 godz."),
        ("tr", "1 gün, 1 saat"),
        ("ru", "1 день, 1 час"),
        ("ja", "1日前、1時間前"),
        ("ko", "1일 전, 1시간 전"),
        ("zh-CN", "1天，1小时"),
    ):
        with use_locale(locale):
            assert parse_reminders(text) == (1440, 60)
