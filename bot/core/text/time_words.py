"""Words for days and times that the Unicode CLDR has no names for, as people type them, by language.

A line is `meaning: phrases`. `Kind` and `Period` in `time_vocabulary` describe what a meaning says; those
joined by `+` come one after another, as in `day 0 + period evening: tonight`. `in` and `since` come before a
length of time and `ago` after it, beside what the CLDR has. `single` is one unit ahead or ago, written without
spaces. `or` stands between two moments. `number 1 on` has the words for 1, 2 and so on, with `/` between those of
one. `suffix evening: abend` makes Freitagabend. `examples` and `times` are shown to readers.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from bot.core.text.i18n import SOURCE_LOCALE, get_spoken_locale

TIME_WORDS = {
    "en": """
day 0: today
day 0 + period evening: tonight
day 1: tomorrow, tmrw
day 2: day after tomorrow
day -1: yesterday
day -2: day before yesterday
period am: am, a m
period pm: pm, p m
period morning: morning, in the morning
period noon: noon, midday
period afternoon: afternoon, in the afternoon
period evening: evening, in the evening
period late: night, at night
period midnight: midnight
weekday 2: weds
next 1: next
this 0: this, coming
last 0: last, past
unit week: week
at: at, t, @, around
fill: on, the, of
ordinal: st, nd, rd, th
hour: h
hour_12: o clock
minute: min
before 30: half past
before 15: quarter past
before -15: quarter to
number 1 on: a / an / one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve
or: or
examples: Friday 8pm; tomorrow 20:00; Dec 4
times: 20:00; 8pm; noon
""",
    "de": """
day 0: heute
day 1: morgen
period morning: morgen
day 2: übermorgen, uebermorgen
month 3: maerz
day -1: gestern
day -2: vorgestern
period morning: morgens, am Morgen, früh, in der Früh, vormittag, vormittags, am Vormittag
period noon: mittag, mittags, am Mittag
period afternoon: nachmittag, nachmittags, am Nachmittag
period evening: abend, abends, am Abend
period night: nacht, nachts, in der Nacht
period midnight: mitternacht
suffix morning: morgen, vormittag
suffix noon: mittag
suffix afternoon: nachmittag
suffix evening: abend
suffix night: nacht
weekday 5: sonnabend
next 1: nächsten, nächster, nächste, nächstes, nächstem, naechsten, naechste
next 0: kommenden, kommender, kommende
next 2: übernächsten, übernächste
this 0: diesen, dieser, diese, diesem
last 0: letzten, letzter, letzte, letztes, letztem, vergangenen, vergangene, vorigen, vorige
unit week: woche
at: um, ab, gegen
fill: am, den, der, dem, im, vom, des
hour: uhr, h
minute: min, minuten
before -30: halb
before 15: viertel nach
before -15: viertel vor, dreiviertel
number 1 on: ein / eins / eine / einem / einer / einen, zwei, drei, vier, fünf / fuenf, sechs, sieben, acht, \
neun, zehn, elf, zwölf / zwoelf
or: oder
examples: Freitag 20 Uhr; morgen um 20:30; 4. Dezember
times: 20:00; 20 Uhr; 8 Uhr abends
""",
    "fr": """
day 0: aujourd'hui
day 1: demain
day 2: après-demain
day -1: hier
day -2: avant-hier
period morning: matin, du matin, le matin, au matin
period noon: midi
period afternoon: après-midi, de l'après-midi, l'après-midi, aprem
period evening: soir, du soir, le soir, au soir, soirée, en soirée
period night: nuit, la nuit, de la nuit, dans la nuit
period midnight: minuit
next 0: prochain, prochaine, qui vient
single week 1: en huit
this 0: ce, cet, cette
last 0: dernier, dernière, passé, passée
unit week: semaine
at: à, vers, dès
fill: le, la, l, de, du, d, au
ordinal: er, e, ème
hour: h, heure, heures
minute: min, minutes
after 30: et demie, et demi
after 15: et quart
after -15: moins le quart, moins quart
number 1 on: un / une, deux, trois, quatre, cinq, six, sept, huit, neuf, dix, onze, douze
or: ou
examples: vendredi 20h; demain à 20h30; 4 décembre
times: 20:00; 20h30; 8 h du soir
""",
    "es": """
day 0: hoy
day 1: mañana
day 2: pasado mañana
day -1: ayer
day -1 + period late: anoche
day -2: anteayer, antes de ayer, antier
period am: am, a m
period pm: pm, p m
period morning: de la mañana, por la mañana, en la mañana, a la mañana
period noon: mediodía, al mediodía, del mediodía
period afternoon: tarde, de la tarde, por la tarde, en la tarde, a la tarde
period late: noche, de la noche, por la noche, en la noche, a la noche
period dawn: madrugada, de la madrugada, de madrugada
period midnight: medianoche
next 0: próximo, próxima, que viene, siguiente
this 0: este, esta
last 0: pasado, pasada, último, última
unit week: semana
at: a las, a la, a, desde las, sobre las, hacia las
fill: el, la, las, de, del, día
hour: h, hs, hrs, hora, horas
minute: min, minutos
after 30: y media
after 15: y cuarto
after -15: menos cuarto
number 1 on: un / una / uno, dos, tres, cuatro, cinco, seis, siete, ocho, nueve, diez, once, doce
in: en
or: o
examples: viernes 20:00; mañana a las 20:30; 4 de diciembre
times: 20:00; 20 h; 8 de la noche
""",
    "pt": """
day 0: hoje
day 1: amanhã
day 2: depois de amanhã
day -1: ontem
day -2: anteontem, antes de ontem
period morning: manhã, da manhã, de manhã, pela manhã, na manhã
period noon: meio-dia, ao meio-dia, do meio-dia
period afternoon: tarde, da tarde, à tarde, de tarde, pela tarde
period late: noite, da noite, à noite, de noite, na noite
period dawn: madrugada, da madrugada, de madrugada
period midnight: meia-noite
next 0: próximo, próxima, que vem, seguinte
this 0: este, esta, neste, nesta, deste, desta, esse, essa, nesse, nessa
last 0: passado, passada, último, última
unit week: semana
at: às, à, a, pelas, lá pelas, para as
fill: o, na, no, de, do, da, em, dia, feira
ordinal: o
hour: h, hs, hora, horas
minute: min, minutos
after 30: e meia
after 15: e quinze, e um quarto
number 1 on: um / uma, dois / duas, três, quatro, cinco, seis, sete, oito, nove, dez, onze, doze
in: daqui a
since: faz
ago: atrás
or: ou
examples: sexta 20h; amanhã às 20h30; 4 de dezembro
times: 20:00; 20h30; 8 da noite
""",
    "it": """
day 0: oggi
day 0 + period evening: stasera
day 0 + period night: stanotte
day 0 + period morning: stamattina, stamani, stamane
day 1: domani
day 1 + period morning: domattina
day 2: dopodomani
day -1: ieri
day -1 + period evening: iersera
day -2: l'altro ieri, altro ieri, ieri l'altro, altroieri, avantieri
period morning: mattina, mattino, di mattina, del mattino, della mattina, al mattino
period noon: mezzogiorno
period afternoon: pomeriggio, del pomeriggio, di pomeriggio, nel pomeriggio, al pomeriggio
period evening: sera, di sera, della sera, alla sera, la sera, serata, in serata
period night: notte, di notte, della notte
period midnight: mezzanotte
next 0: prossimo, prossima, che viene
this 0: questo, questa, quest
last 0: scorso, scorsa, passato, passata
unit week: settimana
at: alle, all, alla, dalle, a, ore, alle ore, verso le, h
fill: il, lo, la, le, l, di, del, della, nel, giorno
hour: h, ore
minute: min, minuti
after 30: e mezza, e mezzo, e trenta
after 15: e un quarto, e quindici
after -15: meno un quarto
number 1 on: un / una / uno, due, tre, quattro, cinque, sei, sette, otto, nove, dieci, undici, dodici
in: fra
or: o, oppure
examples: venerdì alle 20; domani 20:30; 4 dicembre
times: 20:00; alle 20; 8 di sera
""",
    "pl": """
day 0: dziś, dzisiaj
day 1: jutro
day 2: pojutrze
day -1: wczoraj
day -2: przedwczoraj
period morning: rano, z rana, przed południem
period noon: południe, w południe
period afternoon: po południu, popołudniu, popołudnie
period evening: wieczorem, wieczór
period night: noc, w nocy, nocą
period dawn: nad ranem
period midnight: północ, północy
weekday 0 on: poniedziałku, wtorku, środę / środy, czwartku, piątku, sobotę / soboty, niedzielę / niedzieli
next 1: następny, następną, następne, następnego, następnym, przyszły, przyszłą, przyszłe, przyszłym
next 0: najbliższy, najbliższą, najbliższe, nadchodzący, nadchodzącą
this 0: ten, tę, tą, ta
last 0: ostatni, ostatnią, ostatnie, zeszły, zeszłą, zeszłe, zeszłym, ubiegły, ubiegłą, miniony, minioną
unit week: tydzień, tygodniu, tygodnia
at: o, od, około, o godzinie, o godz, godz, godzina
fill: w, we, dnia, na, r
hour: h
minute: min, minut
before -30: wpół do, pół do, o wpół do
number 1 on: jeden / pierwsza / pierwszej, dwa / druga / drugiej, trzy / trzecia / trzeciej, \
cztery / czwarta / czwartej, pięć / piąta / piątej, sześć / szósta / szóstej, siedem / siódma / siódmej, \
osiem / ósma / ósmej, dziewięć / dziewiąta / dziewiątej, dziesięć / dziesiąta / dziesiątej, \
jedenaście / jedenasta / jedenastej, dwanaście / dwunasta / dwunastej
number 17 on: siedemnastej, osiemnastej, dziewiętnastej, dwudziestej, dwudziestej pierwszej, dwudziestej drugiej
or: lub, albo, czy
examples: piątek 20:00; jutro o 20:30; 4 grudnia
times: 20:00; godz. 20; 8 wieczorem
""",
    "nl": """
day 0: vandaag
day 0 + period evening: vanavond
day 0 + period afternoon: vanmiddag
day 0 + period morning: vanochtend, vanmorgen
day 0 + period night: vannacht
day 1: morgen
period morning: morgen
day 1 + period evening: morgenavond
day 1 + period afternoon: morgenmiddag
day 1 + period morning: morgenochtend, morgenvroeg
day 2: overmorgen
day -1: gisteren
day -1 + period evening: gisteravond
day -2: eergisteren
period morning: ochtend, 's ochtends, 's morgens
period noon: middaguur
period afternoon: middag, 's middags, namiddag
period evening: avond, 's avonds
period night: nacht, 's nachts
period midnight: middernacht
suffix morning: ochtend, morgen
suffix afternoon: middag, namiddag
suffix evening: avond
suffix night: nacht
next 1: volgende
ordinal: e, ste
next 0: komende, aanstaande, eerstvolgende, a.s.
this 0: deze
last 0: afgelopen, vorige, verleden, laatste
unit week: week
at: om, vanaf, rond
fill: op, de, van, te
hour: uur, h, u
minute: min, minuten
before -30: half
before 15: kwart over
before -15: kwart voor
number 1 on: een, twee, drie, vier, vijf, zes, zeven, acht, negen, tien, elf, twaalf
in: in
or: of
examples: vrijdag 20:00; morgen om 20.30 uur; 4 december
times: 20:00; 20 uur; 8 uur 's avonds
""",
    "tr": """
day 0: bugün
day 1: yarın
day 2: öbür gün, yarından sonra, yarından sonraki gün
day -1: dün
day -2: önceki gün, evvelsi gün, evvelki gün
period morning: sabah, sabahı, sabahleyin, öğleden önce
period noon: öğle, öğlen, öğleyin
period afternoon: öğleden sonra, ikindi
period evening: akşam, akşamı, akşama, akşamleyin
period late: gece, gecesi
period midnight: gece yarısı
weekday 0 on: pazartesiye / pazartesi günü, salıya / salı günü, çarşambaya / çarşamba günü, \
perşembeye / perşembe günü, cumaya / cuma günü, cumartesiye / cumartesi günü, pazara / pazar günü
month 1 on: ocakta, şubatta, martta, nisanda, mayısta, haziranda, temmuzda, ağustosta, eylülde, ekimde, \
kasımda, aralıkta
week 1: haftaya
next 0: gelecek, önümüzdeki
this 0: bu
last 0: geçen, geçtiğimiz
unit week: hafta
at: saat, saati
at_after: de, da, te, ta
fill: e, a, ye, ya, günü, gününde, tarihinde, ünde, inde, unda, ında
minute: dakika, dk
after 30: buçuk, buçukta
number 1 on: bir / birde, iki / ikide, üç / üçte, dört / dörtte, beş / beşte, altı / altıda, yedi / yedide, \
sekiz / sekizde, dokuz / dokuzda, on / onda, on bir / on birde, on iki / on ikide
or: veya, ya da
examples: cuma 20:00; yarın akşam 8; 4 Aralık
times: 20:00; 20.30; akşam 8
""",
    "ru": """
day 0: сегодня
day 1: завтра
day 2: послезавтра
day -1: вчера
day -2: позавчера
period morning: утро, утром, утра, с утра
period noon: полдень
period afternoon: днём, дня
period evening: вечер, вечером, вечера
period night: ночь, ночью, ночи
period midnight: полночь
weekday 2: среду, среды
weekday 4 on: пятницу / пятницы, субботу / субботы, воскресенья
next 1: следующий, следующую, следующее, следующей
next 0: ближайший, ближайшую, ближайшее
this 0: этот, эту, это, этой
last 0: прошлый, прошлую, прошлое, прошлой
unit week: неделя, неделе, неделю, недели
at: в, во, к, около
fill: на, с, г, год, года, числа
hour: ч, час, часа, часов, часам
minute: мин, минут, минуты
ordinal: го, е
before -30: половина, половине, в половине
number 1 on: один / одну / первого, два / две / второго, три / третьего, четыре / четвёртого, пять / пятого, \
шесть / шестого, семь / седьмого, восемь / восьмого, девять / девятого, десять / десятого, \
одиннадцать / одиннадцатого, двенадцать / двенадцатого
or: или
examples: пятница 20:00; завтра в 20:30; 4 декабря
times: 20:00; 20 ч; 8 вечера
""",
    "ja": """
day 0: 今日, 本日, きょう
day 0 + period evening: 今晩
day 0 + period late: 今夜
day 0 + period morning: 今朝
day 1: 明日, あした, あす
day 1 + period late: 明晩
day 2: 明後日, あさって
day -1: 昨日, きのう
day -1 + period late: 昨夜, 昨晩, ゆうべ
day -2: 一昨日, おととい
period am: 午前
period pm: 午後
period morning: 朝, 午前中
period noon: 正午, 昼, お昼
period evening: 夕方, 晩
period late: 夜
period night: 深夜
period dawn: 早朝, 未明, 明け方
period midnight: 真夜中
weekday 0 on: 月曜, 火曜, 水曜, 木曜, 金曜, 土曜, 日曜
week 0: 今週
week 1: 来週
week 2: 再来週
week -1: 先週
week -2: 先々週
next 0: 次
this 0: この, 今度
last 0: この前, 前, こないだ
at: から
fill: に, の, は, へ, ごろ, 頃
hour: 時
minute: 分
day_mark: 日
month_mark: 月
year_mark: 年
after 30: 半
or: または, か
examples: 金曜日 20時; 明日の夜8時; 12月4日
times: 20:00; 20時30分; 午後8時
""",
    "ko": """
day 0: 오늘
day 1: 내일
day 2: 모레, 내일모레
day 3: 글피
day -1: 어제
day -1 + period late: 어젯밤
day -2: 그저께, 그제, 엊그제
period am: 오전
period pm: 오후
period morning: 아침
period noon: 정오, 낮, 점심
period evening: 저녁
period late: 밤
period dawn: 새벽
period midnight: 자정
weekday 0 on: 월욜, 화욜, 수욜, 목욜, 금욜, 토욜, 일욜
single week -1: 일주일전
single week 1: 일주일후, 일주일뒤
next 1: 다음
next 2: 다다음
next 0: 돌아오는
this 1: 이번
last 1: 지난, 저번
unit week: 주
fill: 에, 은, 는, 의, 부터
hour_12: 시
minute: 분
day_mark: 일
month_mark: 월
year_mark: 년
after 30: 반
number 1 on: 한, 두, 세, 네, 다섯, 여섯, 일곱, 여덟, 아홉, 열, 열한, 열두
ago: 전
or: 또는, 혹은
examples: 금요일 20시; 내일 저녁 8시; 12월 4일
times: 20:00; 20시 30분; 오후 8시
""",
    "zh": """
day 0: 今天, 今日
day 0 + period evening: 今晚, 今夜
day 0 + period morning: 今早
day 1: 明天, 明日
day 1 + period evening: 明晚
day 1 + period morning: 明早
day 2: 后天, 後天
day 3: 大后天, 大後天
day -1: 昨天, 昨日
day -1 + period evening: 昨晚, 昨夜
day -2: 前天
day -3: 大前天
period am: 上午
period pm: 下午
period morning: 早上, 早晨, 清晨
period noon: 中午, 正午
period evening: 晚上, 傍晚, 晚间, 晚間, 夜晚, 晚
period night: 深夜, 夜里, 夜裡
period dawn: 凌晨
period midnight: 午夜, 半夜
weekday 0 on: 周一 / 週一 / 星期一 / 礼拜一 / 禮拜一, 周二 / 週二 / 星期二 / 礼拜二 / 禮拜二, \
周三 / 週三 / 星期三 / 礼拜三 / 禮拜三, 周四 / 週四 / 星期四 / 礼拜四 / 禮拜四, \
周五 / 週五 / 星期五 / 礼拜五 / 禮拜五, 周六 / 週六 / 星期六 / 礼拜六 / 禮拜六, \
周日 / 週日 / 星期日 / 礼拜日 / 禮拜日 / 周天 / 週天 / 星期天 / 礼拜天 / 禮拜天
next 1: 下, 下个, 下個
next 2: 下下, 下下个, 下下個
this 1: 这, 這, 这个, 這個, 本
last 1: 上, 上个, 上個
last 2: 上上, 上上个, 上上個
unit week: 周, 週, 星期, 礼拜, 禮拜
fill: 的, 在, 于, 於
hour: 点, 點, 点钟, 點鐘, 时, 時
minute: 分, 分钟, 分鐘
day_mark: 日, 号, 號
month_mark: 月
year_mark: 年
after 30: 半
after 15: 一刻
after 45: 三刻
or: 或, 或者, 还是
examples: 周五20点; 明天晚上8点; 12月4日
times: 20:00; 20点30分; 晚上8点
""",
    "sv": """
day 0: idag, i dag
day 0 + period evening: ikväll, i kväll
day 1: imorgon, i morgon
day 2: i övermorgon
day -1: igår, i går
day -2: i förrgår
next 1: nästa
last 0: förra, senaste
at: kl, klockan
or: eller
""",
    "da": """
day 0 + period evening: i aften
day 1: i morgen, imorgen
day 2: i overmorgen
day -2: i forgårs
next 1: næste
last 0: sidste
at: kl, klokken
fill: den, på
or: eller
""",
    "bg": """
fill: в, на, г
""",
    "uk": """
day 0: сьогодні
day 1: завтра
day 2: післязавтра
day -1: вчора, учора
day -2: позавчора
period evening: вечора, ввечері, увечері
at: о, об
fill: в, у, на, р
or: або
""",
}
"""A table for each language, in the words of those who speak it."""


def read_time_words(language: str) -> Iterator[tuple[str, str]]:
    """Yield the meanings of a language's table, each with its phrases as they stand there."""
    for line in TIME_WORDS.get(language, "").strip().splitlines():
        meaning, _colon, phrases = line.partition(": ")
        if meaning.endswith(" on"):
            kind, first, _on = meaning.split()
            for number, words in enumerate(phrases.split(","), int(first)):
                yield f"{kind} {number}", words.replace("/", ",")
        else:
            yield meaning, phrases


def list_typed_examples(kind: Literal["examples", "times"] = "examples") -> list[str]:
    """Return moments, or times of day, as readers of the current language type them; they need no vocabulary."""
    language = get_spoken_locale().partition("-")[0]
    return (_find_examples(language, kind) or _find_examples(SOURCE_LOCALE, kind)).split("; ")


@lru_cache(maxsize=64)
def _find_examples(language: str, kind: str) -> str:
    """Return the examples of that kind as they stand in the language's table, "" if it has none."""
    return dict(read_time_words(language)).get(kind, "")
