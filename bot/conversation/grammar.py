"""Reads what a member wrote as a request: a grammar over spans, on plain values.

Each rule reads the words that no rule before it has read, so that a title ("Scary Movie") is not taken for a genre.
What no rule reads is what the film is about, or was not understood.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from bot.conversation import off_topic
from bot.conversation.gazetteer import Gazetteer
from bot.conversation.models import Novelty, Request, TextKind, Understood
from bot.conversation.quantities import find_recent, find_runtimes, find_short_or_long, find_years
from bot.conversation.tokens import BREAKS, CLAUSE_BREAKS, Phrases, Text, longest_phrases, read_tokens
from bot.conversation.vocabulary import (
    COUNTRIES,
    COUNTRY_ADJECTIVES_ONLY,
    FILM_WORDS,
    GENRE_WORDS,
    GROUP_NOUNS,
    LANGUAGES,
    OWN_SERVICES,
    REQUEST_WORDS,
    SERVICES,
    SERVICES_BY_PREPOSITION,
    STOP_WORDS,
    STORY_GENRE_WORDS,
    TONES,
)

TEXT_LIMIT = 2_000
LONGEST_LOOKUP = 8
DESCRIPTION_WORDS, SHORT_DESCRIPTION_WORDS = 4, 2
"""So many words about a story make a description; fewer where nothing else asks for films."""
_LIKE_CUES = re.compile(
    r"(?<![^ ])(?:(?:something|anything|films?|movies?|stuff|one|ones|more|just|much|similar|feels?|is|was|looks?)?"
    r" ?(?:like|similar to|such as|in the (?:style|vein|spirit) of|(?:the |same )?(?:mood|feel|feeling|vibe|vibes|tone|atmosphere) (?:of|as|like)"
    r"|reminds me of|reminiscent of|comparable to|close to|fans? of|loved|enjoyed|liked|adored|same (?:director|vibe|vibes|style|mood) as|along the lines of|if i like|a la|"
    r"wie|ahnlich wie|comme|como|parecid[oa] a|come|simile a|tipo|jak|som|zoals))(?= )"
)
_VERB_BEFORE_LIKE = frozenset("i we you they would id wed do dont really also he she people".split())
_NEGATIONS = re.compile(
    r"(?<![^ ])(?:not|no|without|nothing|neither|nor|except(?: for)?|excluding|anything but|everything but|isnt|arent|wasnt|non|minus|"
    r"other than|apart from|instead of|rather than|(?:i |we )?(?:dont|do not|doesnt|cant|cannot) (?:want|like|need|stand|fancy|feel like|do)|"
    r"(?:i |we )?hate|tired of|sick of|no more|never|avoid|skip|free of|leave out)(?= )"
)
_GROUP = re.compile(
    r"(?<![^ ])(?:for us|both of us|all of us|(?:two|three|four|five|six) of us|together|movie night|film night|date night|"
    r"(?:for|with|and) (?:(?:me|us|myself) (?:and|plus) )?@|@ and (?:me|i)|me and @|"
    r"(?:with|for|and) (?:me and )?(?:my|our|the|some|a few|a couple of) (?:\w+ )?(?:{nouns})|me and my (?:\w+ )?(?:{nouns})|"
    r"my (?:\w+ )?(?:{nouns}) and (?:i|me)|with (?:{plain})|we (?:want|like|love|need|could|can|should|watch|are|feel|fancy|have)|"
    r"(?:should|can|could|shall|do|will) we|lets watch|were (?:looking|in the mood))(?= |$)".format(
        nouns="|".join(sorted(GROUP_NOUNS, key=len, reverse=True)), plain="friends|kids|family|others|people|everyone"
    )
)
_ABOUT_CHILDREN = re.compile(r"(?<![^ ])(?:for|with) (?:my|our|the|small|young|little) (?:kids?|children|toddlers?|child|little ones)(?= |$)")
_RATED = re.compile(
    r"(?<![^ ])(?:(?:highly|well|top|best|high) (?:rated|reviewed|regarded|acclaimed)|critically acclaimed|acclaimed|award winning|oscar winning|"
    r"(?:four|five|4|5) (?:and a half )?stars?(?: or (?:more|better))?|(?:the )?(?:very )?best (?:of|rated)?|top|masterpieces?|must see)(?= |$)"
)
_NOVELTY = (
    (re.compile(r"(?<![^ ])(?:(?:(?:that )?(?:i|we) (?:havent|have not|hadnt|didnt|have never|never|wont have) (?:yet )?(?:seen|watched|see|saw)(?: yet)?)|"
                r"new to (?:me|us)|not seen(?: yet)?|unseen|never seen)(?= |$)"), Novelty.UNSEEN),
    (re.compile(r"(?<![^ ])(?:obscure|lesser known|little known|underrated|hidden gems?|unknown|under the radar|off the beaten (?:track|path)|"
                r"not (?:too |so |very )?(?:well known|famous|popular|mainstream|obvious)|less obvious|forgotten|niche|cult)(?= |$)"), Novelty.OBSCURE),
    (re.compile(r"(?<![^ ])(?:classics?|golden age|old school|an oldie|oldies?|vintage)(?= |$)"), Novelty.CLASSIC),
    (re.compile(r"(?<![^ ])(?:popular|famous|well known|mainstream|blockbusters?|everyone(?:s| is) (?:seen|talking about)|big hits?)(?= |$)"),
     Novelty.POPULAR),
)  # fmt: skip
_FOREIGN = re.compile(r"(?<![^ ])(?:foreign(?: language)?|world cinema|subtitled|with subtitles|non english(?: language| speaking)?|international)(?= |$)")
_OWN_SERVICES = re.compile(
    r"(?<![^ ])(?:(?:that is |thats )?(?:on|in|with|from) )?(?:my|our) (?:streaming )?(?:services?|subscriptions?|streaming|platforms?|apps?)(?= |$)"
    r"|(?<![^ ])(?:that |which )?(?:i|we) (?:can|could) stream(?= |$)|(?<![^ ])on my (?:tv|stuff)(?= |$)"
)
_PREFIX = re.compile(
    r"^(?:(?:hey|hi|hello|ok|okay|please|pls|so|and|well|oh)(?: marquee)? |marquee )*(?:(?:can you |could you )?(?:please )?"
    r"(?:show me|show|find me|find|look up|search for|search|what about|how about|tell me about|give me|where can i watch|where is|info on|"
    r"have you got|do you know|do you have|whats|what is)(?: the (?:film|movie)| film| movie)? )?"
)
_NARRATIVE = re.compile(
    r"(?<![^ ])(?:(?:where|in which|when) (?:a|an|the|they|he|she|this|some|two|three|people|everyone|somebody|someone|you)|"
    r"(?:film|movie|one|story|flick) (?:about|with|where|that|in which)|(?:a|an|the|some|two|three|\w+) (?:guy|man|woman|girl|boy|kid|dude|lady|couple|family|"
    r"people|soldier|cop|detective|teacher|student|robot|dog|cat|killer|dad|mom|mum|father|mother|son|daughter|brothers?|sisters?|friends) \w+|"
    r"(?<=[a-z] )who (?:\w+s|has|is|was|gets|can|cant|lives?|wants?)|whats that|what was (?:that|the)|the one (?:where|with|about)|that one)(?= |$)"
)
_HEADS = FILM_WORDS | {"something", "anything", "recommend", "suggest", "recommendation", "recommendations"}


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens that a rule read, and what they mean: the field of a Request and its values."""

    start: int
    end: int
    field: str
    values: tuple[str, ...]
    words: tuple[str, ...] = ()


_GENRE_PHRASES = Phrases(tuple(GENRE_WORDS))
_TONE_PHRASES = Phrases(tuple(TONES))
_COUNTRY_PHRASES = Phrases(tuple(COUNTRIES))
_SERVICE_PHRASES = Phrases(tuple(SERVICES))
_LANGUAGE_WORDS = frozenset(LANGUAGES)
_ONLY_LANGUAGES = _LANGUAGE_WORDS - frozenset(COUNTRIES)


class Grammar:
    """Reads texts; `gazetteer` knows the catalogue's titles and people."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def read(self, source: str, today: date) -> Understood:
        """Return what a text means by itself, as if nothing had been said before."""
        text = read_tokens(source[:TEXT_LIMIT])
        if (title := self._read_title(text, source)) is not None:
            return title
        request, spans = self.read_parts(text, today)
        words = _leftover_words(text)
        return _judge(text, request, words, spans)

    def _read_title(self, text: Text, source: str) -> Understood | None:
        """Return the look-up that a text is where it is a title and nothing else."""
        joined = " ".join(word for word in text.words if word not in BREAKS)
        phrase = joined[_PREFIX.match(joined).end() :]  # type: ignore[union-attr]
        if not 0 < len(phrase.split()) <= LONGEST_LOOKUP:
            return None
        for candidate in dict.fromkeys((joined, phrase)):
            match = self._gazetteer.find_exact(candidate)
            if match is not None and not (candidate in GENRE_WORDS or candidate in COUNTRIES or candidate in TONES):
                return _title(match.film_id)
        if not phrase.isascii() and (match := self._gazetteer.lookup(source.strip())) is not None:
            return _title(match.film_id)
        return None

    def read_parts(self, text: Text, today: date) -> tuple[Request, list[Span]]:
        """Return what the rules read in a text, and where; the words they read are marked."""
        request = Request()
        group = any(True for _ in _use(text, _GROUP, is_kept=True)) or bool(text.member_ids)
        spans = [Span(start, end, "novelty", (novelty,)) for pattern, novelty in _NOVELTY for start, end in _use(text, pattern)]
        spans += self._read_likeness(text)
        spans += [Span(start, end, "people", (name,)) for start, end, name in self._gazetteer.find_people(text)]
        for span in spans:
            text.use(span.start, span.end)
        runtimes = list(find_runtimes(text))
        years = list(find_years(text, today.year))
        spans += _read_vocabulary(text)
        for _, _ in _use(text, _GROUP):
            pass
        rated = list(_use(text, _RATED))
        vague_runtimes = list(find_short_or_long(text))
        years += list(find_recent(text, today.year)) if not years else []
        negated = _find_negated(text, spans)
        for each in runtimes or vague_runtimes:
            least, greatest = each.least or request.runtime_min, each.greatest or request.runtime_max
            request = replace(
                request, runtime_min=least, runtime_max=greatest, is_runtime_open=each.is_open and len(runtimes) == 1
            )
        request = _with_years(request, [(each.least, each.greatest) for each in years])
        request = _with_spans(request, text, [span for span in spans if span not in negated], negated)
        if group:
            request = replace(request, group=True, member_ids=tuple(dict.fromkeys(text.member_ids)))
        if rated:
            request = replace(request, is_highly_rated=True)
        return replace(request, not_words=_negated_words(text)), spans

    def _read_likeness(self, text: Text) -> list[Span]:
        """Return the films that others are to be like."""
        spans = []
        for _, end, match in list(text.find(_LIKE_CUES)):
            cue = match[0].strip()
            position = end - 1
            is_verb = (
                cue in ("like", "loved", "enjoyed", "liked", "adored") and text.words[max(position - 1, 0)] in _VERB_BEFORE_LIKE
            )
            spans += self._read_titles_after(text, position + 1, is_verb=is_verb)
        if not spans:
            spans += self._read_bare_likeness(text)
        return spans

    def _read_titles_after(self, text: Text, start: int, *, is_verb: bool) -> Iterator[Span]:
        while start < len(text):
            if text.words[start] in ("the", "film", "movie", "both") and text.phrase(start, start + 2) in (
                "the film", "the movie", "film the", "movie the",
            ):  # fmt: skip
                start += 2
            found = self._gazetteer.find_title(text, start)
            if found is None or (text.words[start] in ("a", "an", "some") and found[1] - start <= 2):
                return
            match, end = found
            phrase = text.phrase(start, end)
            if is_verb and (phrase in GENRE_WORDS or phrase in TONES or phrase in COUNTRIES):
                return
            if match.year is not None and end < len(text) and text.words[end] in ("(", str(match.year)):
                while end < len(text) and text.words[end] in ("(", ")", str(match.year)):
                    end += 1
            text.use(start, end)
            yield Span(start, end, "like", (match.film_id,))
            while end < len(text) and text.words[end] in ("and", "or", ",", "/", "meets"):
                end += 1
            if end == start or text.words[min(end, len(text)) - 1] not in ("and", "or", ",", "/", "meets"):
                return
            start, is_verb = end, True

    def _read_bare_likeness(self, text: Text) -> Iterator[Span]:
        """Yield the film of a text such as `Oldboy but funnier` or `Oldboy vibes`."""
        for end, word in enumerate(text.words):
            follows = text.words[end + 1] if end + 1 < len(text) else ""
            is_cue = (word == "but" and follows not in ("a", "the")) or word in ("vibes", "vibe", "esque")
            if 0 < end <= LONGEST_LOOKUP and is_cue:
                match = self._gazetteer.find_exact(text.phrase(0, end))
                phrase = text.phrase(0, end)
                if match is not None and phrase not in GENRE_WORDS:
                    yield Span(0, end, "like", (match.film_id,))
                return


def _title(film_id: str) -> Understood:
    return Understood(TextKind.TITLE, Request(like=(film_id,)))


def _use(text: Text, pattern: re.Pattern[str], *, is_kept: bool = False) -> Iterator[tuple[int, int]]:
    for start, end, _ in list(text.find(pattern)):
        if not is_kept:
            text.use(start, end)
        yield start, end


def _read_vocabulary(text: Text) -> list[Span]:
    """Return the spans that the tables of words explain."""
    spans = [Span(start, end, "services", (OWN_SERVICES,)) for start, end in _use(text, _OWN_SERVICES)]
    spans += [Span(start, end, "not_languages", ("en",)) for start, end in _use(text, _FOREIGN)]
    spans += _read_services(text)
    for _ in _use(text, _ABOUT_CHILDREN):
        spans.append(Span(0, 0, "genres", ("Family",)))
    for start, end, phrase in list(longest_phrases(text, _GENRE_PHRASES)):
        word = GENRE_WORDS[phrase]
        text.use(start, end)
        spans.append(Span(start, end, "genres", word.genres, word.words))
        if word.countries:
            spans.append(Span(start, end, "countries", word.countries))
    spans += _read_places(text)
    for start, end, phrase in list(longest_phrases(text, _TONE_PHRASES)):
        text.use(start, end)
        spans.append(Span(start, end, "tones", TONES[phrase]))
    return sorted(spans, key=lambda span: span.start)


def _read_services(text: Text) -> Iterator[Span]:
    for start, end, phrase in list(longest_phrases(text, _SERVICE_PHRASES)):
        before = text.words[start - 1] if start else ""
        if phrase in SERVICES_BY_PREPOSITION and before not in ("on", "or", "and", "/", ","):
            continue
        text.use(start - 1 if before in ("on", "from") else start, end)
        yield Span(start, end, "services", SERVICES[phrase])


def _read_places(text: Text) -> Iterator[Span]:
    """Yield countries and languages: `French` is a country, `in French` and `French language` are languages."""
    for index, word in enumerate(text.words):
        if word not in _LANGUAGE_WORDS or not text.is_free(index, index + 1):
            continue
        before = text.words[index - 1] if index else ""
        after = text.words[index + 1] if index + 1 < len(text) else ""
        has_suffix = after in ("language", "speaking", "spoken", "audio", "dub", "dubbed", "dialogue")
        continues = before in ("or", "and", "/") and index >= 2 and _is_language_span(text, index - 2)
        if word in _ONLY_LANGUAGES or has_suffix or before == "in" or continues:
            end = index + 1 + has_suffix
            if has_suffix and end < len(text) and text.words[end] == "language":
                end += 1
            start = index - (before == "in")
            text.use(start, end)
            yield Span(start, end, "languages", LANGUAGES[word])
    for start, end, phrase in list(longest_phrases(text, _COUNTRY_PHRASES)):
        before = text.words[start - 1] if start else ""
        is_made_there = start >= 2 and text.phrase(start - 2, start) == "made in"
        if (before == "in" and not is_made_there) or (phrase == "turkey" and before != "from") or phrase == "kiwi":
            continue  # the story is set there
        text.use(start, end)
        yield Span(start, end, "countries", COUNTRIES[phrase])


def _is_language_span(text: Text, index: int) -> bool:
    return text.used[index] and text.words[index] in _LANGUAGE_WORDS and index >= 1 and text.words[index - 1] == "in"


_LINKS = frozenset(
    "a an any another too very much more film films movie movies flick flicks stuff in from of with about set made "
    "the that so really on typical your usual those these kind all it its is one ones by".split()
)


def _find_negated(text: Text, spans: list[Span]) -> list[Span]:
    """Return the spans within a negation's scope, and mark the words there that no rule has read as `not …`.

    The scope goes on over words that link, to the first thing negated, and over `or` to the next.
    """
    starts = {span.start: span for span in spans if span.end > span.start}
    everything = {index: span for span in spans for index in range(span.start, span.end)}
    negated: list[Span] = []
    for _, end, match in list(text.find(_NEGATIONS)):
        index, has_object = end, False
        text.use(end - len(match[0].split()), end)
        while index < len(text):
            word = text.words[index]
            span = starts.get(index) or everything.get(index)
            if span is not None and (not has_object or word not in _LINKS):
                if has_object and text.words[index - 1] not in ("or", "nor", "and", "/", ",") and span.field != negated[-1].field:
                    break
                negated += [each for each in spans if each.start <= index < each.end]
                index, has_object = span.end, True
            elif word in ("or", "nor", "/") or (word == "and" and has_object):
                following = text.words[index + 1] if index + 1 < len(text) else ""
                if word == "and" and following in ("a", "an", "something", "with", "from", "in"):
                    break
                index += 1
            elif word == "," and has_object and _list_goes_on(text, index):
                index += 1
            elif word in CLAUSE_BREAKS or text.used[index]:
                break
            elif word in _LINKS:
                if has_object and word in ("a", "an", "with", "from", "in", "by", "on", "about", "that"):
                    break
                index += 1
            elif has_object and text.words[index - 1] not in ("or", "nor", "and", "/", ","):
                break
            else:
                text.words[index] = f"!{word}"
                text.used[index] = True
                index, has_object = index + 1, True
    return negated


def _list_goes_on(text: Text, comma: int) -> bool:
    """Return whether a list goes on behind a comma to an `or`: `no war, crime or horror`."""
    following = text.words[comma + 1 : comma + 5]
    return any(word in ("or", "nor") for word in following) and not any(
        word in (",", "but", "a", "an", "something") for word in following
    )


def _negated_words(text: Text) -> tuple[str, ...]:
    words = (word[1:] for word in text.words if word.startswith("!") and len(word) > 1)
    return tuple(dict.fromkeys(word for word in words if word not in REQUEST_WORDS))


def _with_years(request: Request, ranges: list[tuple[int | None, int | None]]) -> Request:
    """Return the request with the years: a lower and an upper bound meet, several ranges join."""
    if not ranges:
        return request
    least, greatest = ranges[0]
    for low, high in ranges[1:]:
        if None not in (least, greatest, low, high):
            least, greatest = min(least, low), max(greatest, high)  # type: ignore[type-var]
        else:
            least = least if low is None else low
            greatest = greatest if high is None else high
    return replace(request, year_from=least, year_to=greatest)


_NEGATED_FIELDS = {
    "genres": "not_genres",
    "countries": "not_countries",
    "languages": "not_languages",
    "people": "not_people",
    "tones": "not_tones",
    "like": "not_films",
}


def _with_spans(request: Request, text: Text, spans: list[Span], negated: list[Span]) -> Request:
    """Return the request with what the spans say."""
    values: dict[str, list[str]] = {}
    for span in spans:
        values.setdefault(span.field, []).extend(span.values)
        values.setdefault("words", []).extend(span.words)
    for span in negated:
        if (name := _NEGATED_FIELDS.get(span.field)) is not None:
            values.setdefault(name, []).extend(span.values)
            if span.words and name == "not_genres":  # "no zombies" says nothing against all horror
                values[name] = [value for value in values[name] if value not in span.values]
                values.setdefault("not_words", []).extend(span.words)
    genre_spans = [span for span in spans if span.field == "genres" and span.end > span.start]
    alternatives = _find_alternatives(text, genre_spans)
    any_genres = [genre for span in genre_spans if span in alternatives for genre in span.values]
    values["genres"] = [genre for genre in values.get("genres", []) if genre not in any_genres]
    people = [span for span in spans if span.field == "people"]
    novelty = values.pop("novelty", [])
    cleaned = {name: tuple(dict.fromkeys(each)) for name, each in values.items() if name != "not_words"}
    cleaned["genres"] = tuple(g for g in cleaned["genres"] if g not in cleaned.get("not_genres", ()))
    return replace(
        request,
        **cleaned,  # type: ignore[arg-type]
        any_genres=tuple(dict.fromkeys(any_genres)),
        is_any_person=len(people) > 1 and bool(_find_alternatives(text, people)),
        novelty=Novelty(novelty[-1]) if novelty else None,
    )


def _find_alternatives(text: Text, spans: list[Span]) -> list[Span]:
    """Return the spans of which any will do: those joined by `or`, with those listed by commas before."""
    found: list[Span] = []
    run: list[Span] = []
    has_or = False
    likes_both = any(text.phrase(i, i + 2) in ("we like", "i like", "i love", "we love", "i enjoy", "we enjoy") for i in range(len(text) - 1))
    for span in spans:
        between = text.words[run[-1].end : span.start] if run else []
        joins = {word for word in between if word not in _LINKS}
        if run and joins and joins <= {"or", ",", "and", "/", "maybe", "either"}:
            has_or = has_or or bool(joins & {"or", "/"}) or likes_both
        else:
            found += run if has_or else []
            run, has_or = [], False
        run.append(span)
    return found + (run if has_or else [])


def _leftover_words(text: Text) -> tuple[str, ...]:
    """Return the words that no rule has read and that may tell what a film is about."""
    words = (
        word
        for word, used in zip(text.words, text.used, strict=True)
        if not used and word not in BREAKS and word not in REQUEST_WORDS and word not in STOP_WORDS and word not in "@/-"
    )
    return tuple(dict.fromkeys(words))


def _judge(text: Text, request: Request, words: tuple[str, ...], spans: list[Span]) -> Understood:
    """Return what kind of text it is, with the words that tell of the story in the request."""
    plain = " ".join(word.lstrip("!") for word in text.words)
    has_film_word = any(word in _HEADS for word in text.words)
    has_genre_head = any(
        span.field == "genres" and text.phrase(span.start, span.end).lstrip("!") not in STORY_GENRE_WORDS and span.end for span in spans
    )
    has_head = (
        has_film_word or has_genre_head or bool(request.people or request.like or request.services or request.not_languages)
    )
    is_narrative = _NARRATIVE.search(plain) is not None
    is_bare = replace(request, group=False, member_ids=()).is_empty
    if off_topic.is_off_topic(text.source, plain, has_head=has_head, is_bare=is_bare, is_narrative=is_narrative):
        return Understood(TextKind.OFF_TOPIC, not_understood=words)
    if is_bare and not words:
        asks = has_film_word or off_topic.asks_for_films(plain) or request.group
        return Understood(TextKind.REQUEST if asks else TextKind.OFF_TOPIC, request)
    count = len(words)
    is_description = (
        (count >= DESCRIPTION_WORDS and (is_narrative or not has_head))
        or (count >= SHORT_DESCRIPTION_WORDS and not has_head)
        or (count >= SHORT_DESCRIPTION_WORDS + 1 and is_narrative and not request.like)
        or (count > DESCRIPTION_WORDS + 2)
        or (is_bare and count > 0)
    )
    if is_description:
        story = _story_words(text)
        return Understood(TextKind.DESCRIPTION, replace(request, words=story))
    return Understood(TextKind.REQUEST, replace(request, words=tuple(dict.fromkeys((*request.words, *words)))))


def _story_words(text: Text) -> tuple[str, ...]:
    """Return every word that may tell of the story, those that a rule has read as well."""
    words = (word.lstrip("!") for word in text.words)
    kept = (
        word
        for word in words
        if word and word not in BREAKS and word not in STOP_WORDS and word not in "@/-"
    )
    return tuple(dict.fromkeys(kept))
