"""What is read of texts in other languages than English: genres, countries, lengths.

Descriptions of films can be read in English only.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from bot.conversation.tokens import Phrases, Text, longest_phrases
from bot.conversation.vocabulary import FILM_WORDS, GENRE_WORDS, REQUEST_WORDS, STOP_WORDS, word_set
from bot.core.text.cldr import get_language_name, get_territory_name
from bot.core.text.countries import country_names
from bot.core.text.folding import fold
from bot.core.text.i18n import SOURCE_LOCALE, _, list_catalogues, use_locale
from bot.core.text.origins import COUNTRY_WORDS, LANGUAGE_WORDS
from bot.films.models import GENRES

LEAST_STEM, ENDING, LONGEST_ENDING = 5, 2, 4
"""Letters by which an adjective is told, those of a language's name that change in it, and those it may add."""
ENOUGH_WORDS = 2
"""So many small words of one language make a text one of that language, unless more are English."""
FUNCTION_WORDS = {
    "de": word_set(
        """
        ein eine einen einem einer eines der dem das des ist sind wird werden wurde nicht kein keine keinen und
        oder aber mit ohne fur von vom zum zur auf aus bei nach uber unter vor zwischen ich du er sie wir ihr
        mich mir dich dir uns jeden jede jeder jedes selben etwas mehr weniger als wie wo wer wenn weil dass
        sich sein seine seinen ihre ihren haben sehr auch noch nur schon zwei drei vier funf sechs sieben acht
        neun zehn stunde stunden minuten jahr jahre jahren gibt mochte bitte suche zeig empfiehl guten gute
        lustigen lustiger uhr
        """
    ),
    "fr": word_set(
        """
        un une le la les des du de et ou avec sans dans sur sous est sont qui que quoi dont aux moins je tu il
        elle nous vous ils elles mon ma mes ses leur ce cette ces deux trois quatre cinq heure heures annee
        annees pas ne se chaque jour meme quelque veux voudrais cherche
        """
    ),
    "es": word_set(
        """
        el la los las un una unos unas del de con por para en que como menos muy pero es esta este esto yo tu su
        sus mi mis al se lo le cada dia mismo dos tres cuatro cinco horas hora minutos anos pelicula peliculas
        algo quiero busco
        """
    ),
    "it": word_set(
        """
        il lo la gli un uno una di del della dello dei delle degli da dal nel nella su tra che chi piu meno
        molto sono questo questa io mi ti si ogni giorno stesso due tre quattro cinque ore minuti anni vorrei
        qualcosa
        """
    ),
    "pt": word_set(
        """
        os um uma uns umas do da dos das de em na nos nas com sem por que mais menos muito mas nao eu meu minha
        seu sua cada dia mesmo dois tres quatro cinco horas hora minutos anos quero algo sob
        """
    ),
    "nl": word_set(
        """
        een het de van met zonder voor onder naar en maar niet geen ik jij hij zij wij mijn jouw zijn haar elke
        dezelfde twee drie vier vijf uur minuten jaren iets meer minder wil zoek
        """
    ),
    "pl": word_set(
        """
        ze na od dla bez pod nad przed po jest nie tak co kto jak gdzie kiedy ktory ktora ktore te moj moja
        kazdy kazdego dnia dwa trzy cztery piec godzin godziny godzina minut lat cos mniej wiecej niz szukam
        """
    ),
    "tr": word_set(
        """
        bir ve ile icin altinda ustunde gibi ama degil cok daha bu su ne kim nasil her gun ayni iki uc dort bes
        saat dakika yil olan istiyorum
        """
    ),
}
_ENGLISH = (REQUEST_WORDS | STOP_WORDS) - FILM_WORDS


def find_foreign_words(words: list[str]) -> frozenset[str] | None:
    """Return the small words of the language that folded words are in, None where it is English or can't be told.

    Words in another script than the Latin are of another language.
    """
    distinct = set(words)
    best = max((distinct & known for known in FUNCTION_WORDS.values()), key=len)
    english = (distinct - best) & _ENGLISH
    if len(best) >= ENOUGH_WORDS and len(best) > len(english):
        return frozenset(best)
    if best and not english and any(word in _read_genre_names() or _read_adjective(word) for word in distinct):
        return frozenset(best)
    return frozenset() if any(ord(letter) > 0x2FF for word in distinct for letter in word) else None


_NUMBER_WORDS = {
    "zwei": 2, "deux": 2, "dos": 2, "due": 2, "duas": 2, "dois": 2, "twee": 2, "dwie": 2, "dwoch": 2, "iki": 2,
    "два": 2, "двух": 2, "drei": 3, "trois": 3, "tres": 3, "tre": 3, "drie": 3, "trzy": 3, "uc": 3, "три": 3,
    "трех": 3, "eine": 1, "einer": 1, "une": 1, "una": 1, "uma": 1, "een": 1, "bir": 1,
}  # fmt: skip
_LENGTH = re.compile(
    r"(?<!\w)(?:unter|h[öo]chstens|maximal|moins de|menos de|menos que|m[áa]ximo|meno di|massimo|onder|minder dan|"
    r"hooguit|mniej ni[żz]|poni[żz]ej|do(?=\s+\S+\s+(?:godzin|minuty?\b))|до|короче|меньше|не больше|не дольше)\s+"
    r"(?P<number>\d{1,3}|[^\W\d_]+)\s?"
    r"(?:(?P<hours>stunden?|std|heures?|horas?|or[ea]|uur|uren|godzin[ay]?|saat\w*|час\w*|h)|"
    r"(?:minuten?|minutes?|minutos?|minuti|minuut|minuty?|dakika\w*|минут\w*|min))(?!\w)",
    re.IGNORECASE,
)


def translate_lengths(text: str) -> str:
    """Return the text with upper bounds of runtimes as English has them: `unter 2 Stunden` is `under 2 hours`."""
    return _LENGTH.sub(_write_length, text)


def _write_length(match: re.Match[str]) -> str:
    number = match["number"]
    count = int(number) if number.isdigit() else _NUMBER_WORDS.get(fold(number))
    if count is None:
        return match[0]
    return f"under {count} {'hours' if match['hours'] else 'minutes'}"


@lru_cache(maxsize=1)
def _read_genre_names() -> dict[str, str]:
    """Return the genres by their folded names in all languages of the bot."""
    genres: dict[str, str] = {}
    for locale in list_catalogues():
        with use_locale(locale):
            genres |= {fold(_(genre)): genre for genre in GENRES if fold(_(genre)) not in GENRE_WORDS}
    return genres


@lru_cache(maxsize=1)
def _read_country_names() -> dict[str, str]:
    """Return the codes of countries by their folded names in all languages of the bot."""
    codes = country_names()
    return {fold(get_territory_name(code, locale)): code for locale in list_catalogues() for code in codes}


@lru_cache(maxsize=1)
def _read_adjectives() -> dict[str, tuple[str, ...]]:
    """Return the codes of countries by the beginning of their language's name in all languages of the bot."""
    adjectives: dict[str, tuple[str, ...]] = {}
    for codes in LANGUAGE_WORDS.values():
        english = fold(get_language_name(codes[0], SOURCE_LOCALE))
        if english not in COUNTRY_WORDS:
            continue
        for locale in list_catalogues():
            name = fold(get_language_name(codes[0], locale))
            if name.isalpha() and len(name) >= LEAST_STEM:
                adjectives.setdefault(name[: max(LEAST_STEM, len(name) - ENDING)], COUNTRY_WORDS[english])
    return adjectives


def find_foreign_origins(text: Text) -> Iterator[tuple[int, int, str, tuple[str, ...]]]:
    """Yield the genres and countries that a text in another language names: start, end, field and values."""
    genres, countries = _read_genre_names(), _read_country_names()
    for start, end, phrase in list(longest_phrases(text, Phrases(tuple(genres)))):
        yield start, end, "genres", (genres[phrase],)
    for start, end, phrase in list(longest_phrases(text, Phrases(tuple(countries)))):
        yield start, end, "countries", (countries[phrase],)
    for index, word in enumerate(text.words):
        if codes := _read_adjective(word):
            yield index, index + 1, "countries", codes


def _read_adjective(word: str) -> tuple[str, ...]:
    """Return the codes of the countries that an adjective, however it ends, is of."""
    adjectives = _read_adjectives()
    for length in range(len(word), max(LEAST_STEM, len(word) - LONGEST_ENDING) - 1, -1):
        if (codes := adjectives.get(word[:length])) is not None:
            return codes
    return ()
