"""Past days as members type them in their own language."""

import re
from datetime import date

import pytest

from bot.core.text.days import parse_past_day
from bot.core.text.i18n import use_locale
from bot.reviews.diary import describe_typed_days

TODAY = date(2026, 11, 25)
"""A Wednesday."""
TYPED = {
    "de": """
        heute = 25
        gestern = 24
        gestern Abend = 24
        vorgestern = 23
        vor 3 Tagen = 22
        vor drei Tagen = 22
        vor einer Woche = 18
        letzte Woche = 18
        letzten Freitag = 20
        vergangenen Samstag = 21
        Freitag = 20
        am Sonntag = 22
        Mittwoch = 25
        letzten Mittwoch = 18
        20. November = 20
        20. Nov. 2026 = 20
        20.11. = 20
        20.11.26 = 20
        Freitag, 20. November = 20
        vor 2 Monaten = 25.9
        yesterday = 24
    """,
    "fr": """
        aujourd'hui = 25
        aujourd’hui = 25
        hier = 24
        hier soir = 24
        avant-hier = 23
        il y a 3 jours = 22
        il y a trois jours = 22
        il y a une semaine = 18
        la semaine dernière = 18
        vendredi dernier = 20
        samedi = 21
        dim. = 22
        le 20 novembre = 20
        20 nov. 2026 = 20
        20/11 = 20
        20/11/2026 = 20
        vendredi 20 novembre = 20
        il y a 2 mois = 25.9
        1er novembre = 1
    """,
    "es-ES": """
        hoy = 25
        ayer = 24
        anoche = 24
        anteayer = 23
        antes de ayer = 23
        hace 3 días = 22
        hace tres dias = 22
        hace una semana = 18
        la semana pasada = 18
        el viernes pasado = 20
        el sábado = 21
        20 de noviembre = 20
        20 de nov de 2026 = 20
        20/11/26 = 20
        el viernes 20 de noviembre = 20
        hace dos meses = 25.9
    """,
    "pt-BR": """
        hoje = 25
        ontem = 24
        ontem à noite = 24
        anteontem = 23
        há 3 dias = 22
        3 dias atrás = 22
        faz 3 dias = 22
        há uma semana = 18
        semana passada = 18
        sexta passada = 20
        sábado passado = 21
        sexta-feira = 20
        20 de novembro = 20
        20 de novembro de 2026 = 20
        20/11 = 20
        1º de novembro = 1
        há dois meses = 25.9
    """,
    "it": """
        oggi = 25
        ieri = 24
        ieri sera = 24
        l'altro ieri = 23
        3 giorni fa = 22
        tre giorni fa = 22
        una settimana fa = 18
        la settimana scorsa = 18
        venerdì scorso = 20
        sabato = 21
        20 novembre = 20
        il 20 nov 2026 = 20
        20/11/2026 = 20
        venerdì 20 novembre = 20
        2 mesi fa = 25.9
    """,
    "pl": """
        dziś = 25
        dzisiaj = 25
        wczoraj = 24
        wczoraj wieczorem = 24
        przedwczoraj = 23
        3 dni temu = 22
        trzy dni temu = 22
        tydzień temu = 18
        w zeszłym tygodniu = 18
        w zeszły piątek = 20
        w ostatnią sobotę = 21
        w piątek = 20
        20 listopada = 20
        20 lis 2026 = 20
        20.11.2026 = 20
        2 miesiące temu = 25.9
    """,
    "nl": """
        vandaag = 25
        gisteren = 24
        gisteravond = 24
        eergisteren = 23
        3 dagen geleden = 22
        drie dagen geleden = 22
        een week geleden = 18
        vorige week = 18
        afgelopen vrijdag = 20
        vorige zaterdag = 21
        vrijdag = 20
        20 november = 20
        vr 20 nov. 2026 = 20
        20-11-2026 = 20
        2 maanden geleden = 25.9
    """,
    "tr": """
        bugün = 25
        BUGÜN = 25
        dün = 24
        dün akşam = 24
        evvelsi gün = 23
        önceki gün = 23
        3 gün önce = 22
        ÜÇ GÜN ÖNCE = 22
        bir hafta önce = 18
        geçen hafta = 18
        geçen cuma = 20
        GEÇEN SALI = 24
        cumartesi = 21
        PAZARTESİ = 23
        pazartesi = 23
        20 Kasım = 20
        20 KASIM 2026 = 20
        20.11.2026 = 20
        2 ay önce = 25.9
    """,
    "ru": """
        сегодня = 25
        вчера = 24
        вчера вечером = 24
        позавчера = 23
        3 дня назад = 22
        три дня назад = 22
        неделю назад = 18
        на прошлой неделе = 18
        в прошлую пятницу = 20
        в субботу = 21
        пт = 20
        20 ноября = 20
        20 нояб. 2026 г. = 20
        20.11.2026 = 20
        2 месяца назад = 25.9
    """,
    "ja": """
        今日 = 25
        昨日 = 24
        昨夜 = 24
        一昨日 = 23
        おととい = 23
        3日前 = 22
        三日前 = 22
        1週間前 = 18
        先週 = 18
        先週の金曜日 = 20
        この前の土曜日 = 21
        金曜日 = 20
        11月20日 = 20
        2026年11月20日 = 20
        2026/11/20 = 20
        11/20 = 20
        2か月前 = 25.9
    """,
    "ko": """
        오늘 = 25
        어제 = 24
        어젯밤 = 24
        그저께 = 23
        3일 전 = 22
        일주일 전 = 18
        지난주 = 18
        지난주 금요일 = 20
        지난 금요일 = 20
        토요일 = 21
        11월 20일 = 20
        2026년 11월 20일 = 20
        2026. 11. 20. = 20
        11/20 = 20
        2개월 전 = 25.9
    """,
    "zh-CN": """
        今天 = 25
        昨天 = 24
        昨晚 = 24
        前天 = 23
        3天前 = 22
        三天前 = 22
        一周前 = 18
        上周 = 18
        上周五 = 20
        上个星期五 = 20
        周六 = 21
        11月20日 = 20
        十一月二十号 = 20
        2026年11月20日 = 20
        2026/11/20 = 20
        2个月前 = 25.9
    """,
}
"""By locale a text and its day, of November where no other month is there."""


@pytest.mark.parametrize("locale", TYPED)
def test_past_days_are_read_in_the_members_language(locale: str) -> None:
    wrong = {}
    for line in TYPED[locale].strip().splitlines():
        text, expected = line.strip().rsplit(" = ", 1)
        day = parse_past_day(text, TODAY, locale)
        read = str(day and (day.day if day.month == 11 else f"{day.day}.{day.month}"))
        if read != expected:
            wrong[text] = (read, expected)
    assert not wrong


@pytest.mark.parametrize("locale", TYPED)
def test_what_the_diarys_form_shows_can_be_typed(locale: str) -> None:
    with use_locale(locale):
        examples = re.split("[,、] ?", describe_typed_days())
    assert all(parse_past_day(example, TODAY, locale) for example in examples), examples
