"""Days and times as members type them in their own language."""

from contextlib import suppress
from datetime import timedelta

import pytest
from babel.dates import format_date, format_skeleton
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import InvalidInputError, NoSuchDayError
from bot.core.text.cldr import find_babel_locale, format_full_date_and_time
from bot.core.text.days import parse_past_day
from bot.core.text.i18n import use_locale
from bot.core.text.time_words import list_typed_examples
from bot.picks.dates import (
    find_skipped_time,
    parse_moment,
    parse_time_of_day,
    split_moments,
)
from bot.picks.rotation import Rotation, to_local
from tests.picks.moments import utc

BERLIN = "Europe/Berlin"
NOW = utc("2026-11-25T12:00")  # a Wednesday; 13:00 in Berlin
TYPED = {
    "de": """
        heute 20 Uhr = 25 20:00
        heute Abend um 8 = 25 20:00
        heute Abend = 25 20:00
        morgen 20:00 = 26 20:00
        morgen um 20:30 Uhr = 26 20:30
        morgen früh um 9 = 26 09:00
        morgen Abend halb neun = 26 20:30
        übermorgen 20 Uhr 15 = 27 20:15
        uebermorgen 20 Uhr = 27 20:00
        Freitag = 27 20:00
        Fr. 20h = 27 20:00
        Freitagabend um 8 = 27 20:00
        am Freitag um 20.30 Uhr = 27 20:30
        diesen Samstag, 19:00 = 28 19:00
        nächsten Freitag 20 Uhr = +4 20:00
        kommenden Freitag 20 Uhr = 27 20:00
        Samstag Mittag = 28 12:00
        Samstag um Mitternacht = 29 00:00
        4.12. 20 Uhr = +4 20:00
        4. Dezember um 20 Uhr = +4 20:00
        Freitag, 4. Dezember, 20:00 = +4 20:00
        20 Uhr am 4. Dez. = +4 20:00
        4.12.2026, 20:00 = +4 20:00
        in drei Tagen um 8 Uhr abends = 28 20:00
        in 2 Stunden = 25 15:00
        in einer Woche = +2 20:00
        Samstag, 4. Dezember 20 Uhr = ?
        morgen um 8 = ?
        friday 8pm = 27 20:00
        tomorrow 8 am = 26 08:00
        am 4. um 20 Uhr = +4 20:00
        Freitag 4. 20 Uhr = +4 20:00
        Freitag 13. 20 Uhr = ?
        Freitag 4.12. 20.15 Uhr = +4 20:15
        morgen 20 = 26 20:00
        Freitag 20 = ?
        heute Nacht um 2 = 26 02:00
        Freitag in einer Woche = +4 20:00
        übernächsten Freitag = +11 20:00
        viertel nach acht abends = 25 20:15
    """,
    "fr": """
        aujourd'hui 20h = 25 20:00
        ce soir à 21h = 25 21:00
        ce soir à 8h = 25 20:00
        demain 20h = 26 20:00
        demain à 20h30 = 26 20:30
        demain soir = 26 20:00
        après-demain à 20 h 30 = 27 20:30
        vendredi 20h = 27 20:00
        ven. 20:00 = 27 20:00
        vendredi à 8 heures du soir = 27 20:00
        vendredi à huit heures et demie du soir = 27 20:30
        ce samedi à midi = 28 12:00
        samedi minuit = 29 00:00
        vendredi prochain à 20 heures = 27 20:00
        vendredi de la semaine prochaine 20h = +4 20:00
        le 4 décembre à 20h = +4 20:00
        20h le 4 déc. = +4 20:00
        4/12 à 20h = +4 20:00
        mar. 1er décembre 20h = +1 20:00
        dans 3 jours à 20h = 28 20:00
        dans 2 heures = 25 15:00
        demain à 8 = ?
        vendredi 4 à 20h = +4 20:00
        samedi en huit 20h = +5 20:00
        minuit = 26 00:00
    """,
    "es-ES": """
        hoy a las 20:00 = 25 20:00
        esta noche a las 9 = 25 21:00
        esta noche = 25 20:00
        mañana a las 20:00 = 26 20:00
        manana 20h = 26 20:00
        mañana por la mañana a las 10 = 26 10:00
        mañana por la noche = 26 20:00
        pasado mañana a las 20 h = 27 20:00
        el viernes a las 8 de la tarde = 27 20:00
        viernes a las ocho y media de la noche = 27 20:30
        vie 20:00 = 27 20:00
        este sábado al mediodía = 28 12:00
        sábado a medianoche = 29 00:00
        el próximo viernes a las 20:00 = 27 20:00
        el viernes de la semana que viene a las 20:00 = +4 20:00
        4 de diciembre a las 20:00 = +4 20:00
        4/12 20:00 = +4 20:00
        martes 1 de dic 20:00 = +1 20:00
        dentro de 3 días a las 20:00 = 28 20:00
        en dos horas = 25 15:00
        8 p. m. del viernes = 27 20:00
        el viernes 4 a las 20:00 = +4 20:00
        a las 12 de la noche = 26 00:00
        mañana a las 8 = ?
    """,
    "pt-BR": """
        hoje às 20h = 25 20:00
        hoje à noite = 25 20:00
        hoje às 8 da noite = 25 20:00
        amanhã às 20h = 26 20:00
        amanha 20h30 = 26 20:30
        amanhã de manhã às 10 = 26 10:00
        depois de amanhã às 20:00 = 27 20:00
        sexta às 20h = 27 20:00
        sexta-feira 20h = 27 20:00
        sexta à noite = 27 20:00
        sex 20:00 = 27 20:00
        este sábado ao meio-dia = 28 12:00
        sábado à meia-noite = 29 00:00
        próxima sexta às 20h = 27 20:00
        sexta que vem às oito e meia da noite = 27 20:30
        sexta da semana que vem 20h = +4 20:00
        4 de dezembro às 20h = +4 20:00
        1º de dezembro 20h = +1 20:00
        04/12 20h = +4 20:00
        em 2 horas = 25 15:00
        daqui a 3 dias às 20h = 28 20:00
        sexta dia 4 às 20h = +4 20:00
        amanhã às 8 = ?
    """,
    "it": """
        oggi alle 20 = 25 20:00
        stasera alle 21 = 25 21:00
        stasera alle 8 = 25 20:00
        stasera = 25 20:00
        domani alle 20 = 26 20:00
        domani alle 20.30 = 26 20:30
        domani sera = 26 20:00
        domani mattina alle 10 = 26 10:00
        dopodomani ore 20:00 = 27 20:00
        venerdì 20:00 = 27 20:00
        venerdi alle 20 = 27 20:00
        venerdì alle otto e mezza di sera = 27 20:30
        questo sabato a mezzogiorno = 28 12:00
        sabato a mezzanotte = 29 00:00
        venerdì prossimo alle 20 = 27 20:00
        venerdì della prossima settimana alle 20 = +4 20:00
        4 dicembre alle 20 = +4 20:00
        il 4 dic ore 20 = +4 20:00
        4/12 alle 20.10 = +4 20:10
        mar 1 dic 20:00 = +1 20:00
        tra 2 ore = 25 15:00
        fra tre giorni alle 20 = 28 20:00
        domani alle 8 = ?
        sabato h 21 = 28 21:00
        domani 20 = 26 20:00
    """,
    "pl": """
        dziś o 20:00 = 25 20:00
        dzisiaj wieczorem = 25 20:00
        dziś wieczorem o 8 = 25 20:00
        jutro o 20:00 = 26 20:00
        jutro o 20 = 26 20:00
        jutro rano o 10 = 26 10:00
        pojutrze o 20.30 = 27 20:30
        w piątek o 20 = 27 20:00
        piatek 20:00 = 27 20:00
        pt. 20:00 = 27 20:00
        w piątek o ósmej wieczorem = 27 20:00
        w piątek o dwudziestej = 27 20:00
        w sobotę w południe = 28 12:00
        w niedzielę o 19 = 29 19:00
        w sobotę o północy = 29 00:00
        w przyszły piątek o 20 = +4 20:00
        w piątek w przyszłym tygodniu o 20:00 = +4 20:00
        4 grudnia o 20:00 = +4 20:00
        4.12 godz. 20 = +4 20:00
        wpół do dziewiątej wieczorem w piątek = 27 20:30
        za 2 godziny = 25 15:00
        za trzy dni o 20 = 28 20:00
        za tydzień = +2 20:00
        piątek 4.12 godz. 20:00 = +4 20:00
        jutro o 8 = ?
    """,
    "nl": """
        vandaag om 20:00 = 25 20:00
        vanavond om 8 = 25 20:00
        vanavond = 25 20:00
        morgen om 20 uur = 26 20:00
        morgenavond half negen = 26 20:30
        morgenochtend om 10 = 26 10:00
        overmorgen 20.30 uur = 27 20:30
        vrijdag 20u30 = 27 20:30
        vr 20:00 = 27 20:00
        vrijdagavond = 27 20:00
        vrijdag om 8 uur 's avonds = 27 20:00
        zaterdagmiddag om 3 uur = 28 15:00
        zaterdag middernacht = 29 00:00
        komende vrijdag 20:00 = 27 20:00
        volgende vrijdag om 20:00 = +4 20:00
        vrijdag volgende week om 20:00 = +4 20:00
        4 december om 20 uur = +4 20:00
        vrijdag 4 dec. 20:00 = +4 20:00
        4-12 20:00 = +4 20:00
        over 2 uur = 25 15:00
        over drie dagen om 20 uur = 28 20:00
        morgen om 8 = ?
        vrijdag de 4e om 20:00 = +4 20:00
        a.s. vrijdag 20u = 27 20:00
    """,
    "tr": """
        bugün 20:00 = 25 20:00
        bu akşam 8 = 25 20:00
        bu akşam = 25 20:00
        yarın 20:00 = 26 20:00
        YARIN 20.30 = 26 20:30
        yarin saat 20 = 26 20:00
        yarın akşam saat 8'de = 26 20:00
        yarın sabah 10 = 26 10:00
        öbür gün 20:00'de = 27 20:00
        cuma 20:00 = 27 20:00
        cuma günü saat 20'de = 27 20:00
        CUMARTESİ akşamı sekiz buçukta = 28 20:30
        cumartesi öğlen = 28 12:00
        cumartesi gece yarısı = 29 00:00
        bu cuma akşam sekizde = 27 20:00
        haftaya cuma 20:00 = +4 20:00
        gelecek hafta cuma 20:00 = +4 20:00
        4 Aralık 20:00 = +4 20:00
        4 ARALIK'ta 20:00 = +4 20:00
        4.12.2026 20:00 = +4 20:00
        2 saat sonra = 25 15:00
        üç gün sonra 20:00 = 28 20:00
        yarın 8'de = ?
        4 aralıkta 20:00 = +4 20:00
        yarın gece 12 = 27 00:00
    """,
    "ru": """
        сегодня в 20:00 = 25 20:00
        сегодня вечером в 8 = 25 20:00
        сегодня вечером = 25 20:00
        завтра в 20:00 = 26 20:00
        Завтра в 20 часов = 26 20:00
        завтра утром в 10 = 26 10:00
        завтра в 20 ч 30 мин = 26 20:30
        послезавтра в 20.30 = 27 20:30
        в пятницу в 8 вечера = 27 20:00
        пт 20:00 = 27 20:00
        в пятницу в восемь вечера = 27 20:00
        в субботу в полдень = 28 12:00
        в субботу в полночь = 29 00:00
        в субботу в 3 часа дня = 28 15:00
        в эту пятницу в 20:00 = 27 20:00
        в следующую пятницу в 20:00 = +4 20:00
        в пятницу на следующей неделе в 20:00 = +4 20:00
        4 декабря в 20:00 = +4 20:00
        4 дек. 2026 г. 20:00 = +4 20:00
        04.12 в 20:00 = +4 20:00
        через 2 часа = 25 15:00
        через три дня в 20:00 = 28 20:00
        через неделю = +2 20:00
        завтра в 8 = ?
        в пятницу 4-го в 20:00 = +4 20:00
        в половине девятого вечера = 25 20:30
    """,
    "ja": """
        今日20時 = 25 20:00
        今夜8時 = 25 20:00
        今晩 = 25 20:00
        明日20時 = 26 20:00
        あした 20:30 = 26 20:30
        明日の夜8時半 = 26 20:30
        明日の朝10時 = 26 10:00
        明後日 午後8時から = 27 20:00
        金曜日の午後8時 = 27 20:00
        金曜２０：００ = 27 20:00
        今週の金曜日20時30分 = 27 20:30
        土曜日の正午 = 28 12:00
        来週の金曜日20時 = +4 20:00
        来週金曜の午後八時 = +4 20:00
        次の金曜日20時 = 27 20:00
        12月4日20時 = +4 20:00
        12月4日(金) 20:00 = +4 20:00
        2026年12月4日 午後8時 = +4 20:00
        12/4 20:00 = +4 20:00
        28日の20時 = 28 20:00
        2時間後 = 25 15:00
        3日後の20時 = 28 20:00
        明日の深夜24時 = 27 00:00
        金曜日の午前25時 = ?
        土曜日 20時〜 = 28 20:00
        (土) 20:00 = 28 20:00
    """,
    "ko": """
        오늘 20시 = 25 20:00
        오늘 밤 8시 = 25 20:00
        오늘 저녁 = 25 20:00
        내일 저녁 8시 = 26 20:00
        내일 20:00 = 26 20:00
        내일 아침 10시 = 26 10:00
        모레 오후 8시 30분 = 27 20:30
        금요일 20시 30분 = 27 20:30
        금요일 저녁 여덟시 반에 = 27 20:30
        금요일에 오후 8시 = 27 20:00
        이번 주 토요일 정오 = 28 12:00
        토요일 자정 = 29 00:00
        다음 주 금요일 20시 = +4 20:00
        다음주 금요일 저녁 8시 = +4 20:00
        12월 4일 20시 = +4 20:00
        12월 4일 금요일 오후 8시 = +4 20:00
        2026년 12월 4일 20:00 = +4 20:00
        12/4 20:00 = +4 20:00
        2시간 후 = 25 15:00
        3일 후 20시 = 28 20:00
        금요일 8시 = ?
        금욜 저녁 8시 = 27 20:00
        다다음 주 금요일 20시 = +11 20:00
    """,
    "zh-CN": """
        今天20点 = 25 20:00
        今晚8点 = 25 20:00
        今晚 = 25 20:00
        明天晚上8点 = 26 20:00
        明晚八点半 = 26 20:30
        明天早上10点 = 26 10:00
        明天20:00 = 26 20:00
        后天下午3点 = 27 15:00
        周五20点 = 27 20:00
        星期五晚上八点 = 27 20:00
        礼拜五 20点30分 = 27 20:30
        周六中午 = 28 12:00
        这周六中午12点 = 28 12:00
        周六午夜 = 29 00:00
        下周五晚上8点 = +4 20:00
        下个星期五 20：00 = +4 20:00
        12月4日20点 = +4 20:00
        12月4号晚上8点 = +4 20:00
        十二月四日晚上八点 = +4 20:00
        2026年12月4日 20:00 = +4 20:00
        12/4 20:00 = +4 20:00
        2小时后 = 25 15:00
        3天后20点 = 28 20:00
        周五凌晨1点 = 27 01:00
        今晚12点 = 26 00:00
        四号晚上八点 = +4 20:00
    """,
}
"""By locale a text and its moment in Berlin: the day of November, or with `+` of December; `?` for a refusal."""
ROTATION = Rotation(time_zone=BERLIN)


def read(text: str) -> str:
    """Return the moment as TYPED has it."""
    try:
        moment = to_local(parse_moment(text, ROTATION, NOW), BERLIN)
    except InvalidInputError:
        return "?"
    return f"{'+' * (moment.month - 11)}{moment.day} {moment:%H:%M}"


@pytest.mark.parametrize("locale", TYPED)
def test_moments_are_read_in_the_members_language(locale: str) -> None:
    lines = (line.strip().rsplit(" = ", 1) for line in TYPED[locale].strip().splitlines())
    with use_locale(locale):
        wrong = {text: (read(text), expected) for text, expected in lines if read(text) != expected}
    assert not wrong


@pytest.mark.parametrize("locale", TYPED)
def test_english_is_read_in_every_language(locale: str) -> None:
    with use_locale(locale):
        assert read("friday 8pm") == read("Fri at 8 pm") == "27 20:00"
        assert read("tomorrow at 20:30") == read("8:30pm tomorrow") == "26 20:30"
        assert read("4 December 2026 8pm") == read("2026-12-04 20:00") == "+4 20:00"
        assert read("in 2h") == read("in two hours") == "25 15:00"
        assert read("in a week") == read("in 7 days") == "+2 20:00"


@pytest.mark.parametrize("locale", [*TYPED, "en-US", "sv-SE"])
def test_what_readers_are_told_to_type_is_read(locale: str) -> None:
    with use_locale(locale):
        assert "?" not in [read(example) for example in list_typed_examples()]
        assert read(list_typed_examples()[0]) == "27 20:00"
        assert len(list_typed_examples()[0]) <= 15  # as scripts/messages.py measures descriptions
        with pytest.raises(InvalidInputError) as refusal:
            parse_moment("blorp", ROTATION, NOW)
        assert list_typed_examples()[0] in str(refusal.value)
        for example in list_typed_examples("times"):
            assert parse_time_of_day(example) in (1200, 1230, 720)


def test_an_hour_that_may_be_before_noon_or_after_is_asked_for() -> None:
    for locale, text in (("de", "morgen um 8"), ("ko", "금요일 8시"), ("en-US", "friday at 8")):
        with use_locale(locale), pytest.raises(InvalidInputError) as refusal:
            parse_moment(text, ROTATION, NOW)
        with use_locale(locale):
            assert list_typed_examples("times")[1] in str(refusal.value)
    with use_locale("en-US"), pytest.raises(InvalidInputError, match="morning or in the evening"):
        parse_moment("friday at 8", ROTATION, NOW)


def test_a_date_on_another_weekday_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="4 December 2026 is a Friday"):
        parse_moment("Saturday, 4 December 20:00", ROTATION, NOW)


@pytest.mark.parametrize(
    ("locale", "text", "parts"),
    [
        ("de", "Freitag 20 Uhr oder Samstag 20 Uhr", ["Freitag 20 Uhr", "Samstag 20 Uhr"]),
        ("it", "venerdì alle 20 o sabato alle 21", ["venerdì alle 20", "sabato alle 21"]),
        ("nl", "vrijdag 20:00 of zaterdag; zondag", ["vrijdag 20:00", "zaterdag", "zondag"]),
        ("ja", "金曜20時または土曜20時；日曜", ["金曜20時", "土曜20時", "日曜"]),
        ("zh-CN", "周五20点、周六20点，周日", ["周五20点,周六20点,周日"]),
        ("fr", "Friday 8pm or Saturday 8pm", ["Friday 8pm", "Saturday 8pm"]),
    ],
)
def test_several_moments_are_parted(locale: str, text: str, parts: list[str]) -> None:
    with use_locale(locale):
        assert split_moments(text) == parts


def test_a_time_that_the_clocks_leave_out_is_known_by_its_words() -> None:
    rotation, now = Rotation(time_zone=BERLIN), utc("2027-03-20T12:00")
    for locale, text in (("de", "28. März um 2:30 Uhr"), ("ja", "3月28日午前2時半"), ("ru", "28 марта в 2:30")):
        with use_locale(locale):
            moment = parse_moment(text, rotation, now)
            assert moment == utc("2027-03-28T01:30")
            assert find_skipped_time(text, moment, BERLIN) == 150


@pytest.mark.parametrize("locale", [*TYPED, "en-US", "es-419", "zh-TW"])
def test_a_moment_that_is_shown_can_be_typed(locale: str) -> None:
    babel_locale = find_babel_locale(locale)
    with use_locale(locale):
        for moment in (NOW.replace(hour=20, minute=30) + timedelta(days=days) for days in range(1, 365, 19)):
            shown = [format_date(moment.date(), style, babel_locale) for style in ("short", "medium", "full")]
            shown += [format_skeleton(skeleton, moment, locale=babel_locale) for skeleton in ("MMMd", "MMMEd")]
            for text in (format_full_date_and_time(moment), *(f"{day} 20:30" for day in shown)):
                assert parse_moment(text, Rotation(), NOW) == moment, text


WORDS = st.sampled_from(
    [word for lines in TYPED.values() for word in lines.replace("=", " ").split()]
    + [".", "/", ":", "-", "²", "٣", "99", "１２", "0", "24:00", "31", "三十", "十十", "𝟗", "İ", "ß", "\u0307"]
)


@given(
    st.lists(st.one_of(WORDS, st.text(max_size=4)), max_size=8), st.sampled_from([*TYPED, "en-US", "zh-TW", "xx"])
)
def test_no_words_break_the_parser(words: list[str], locale: str) -> None:
    for text in (" ".join(words), "".join(words)):
        with use_locale(locale), suppress(InvalidInputError):
            assert parse_moment(text, ROTATION, NOW) > NOW
        with use_locale(locale), suppress(InvalidInputError):
            assert 0 <= parse_time_of_day(text) < 1440
        with suppress(NoSuchDayError):
            parse_past_day(text, NOW.date(), locale)
        split_moments(text)
