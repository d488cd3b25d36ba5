"""Small words by which other languages than English are told, in which descriptions of films can't be read."""

from bot.conversation.vocabulary import FILM_WORDS, REQUEST_WORDS, STOP_WORDS, word_set

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
    if len(best) >= ENOUGH_WORDS and len(best) > len((distinct - best) & _ENGLISH):
        return frozenset(best)
    return frozenset() if any(ord(letter) > 0x2FF for word in distinct for letter in word) else None
