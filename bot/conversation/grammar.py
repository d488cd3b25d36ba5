"""Reads what a member wrote as a request: a grammar over spans, on plain values.

Each rule reads the words that no rule before it has read, so that a title ("Scary Movie") is not taken for a
genre. What no rule reads is what the film is about, or was not understood.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from bot.conversation import off_topic
from bot.conversation.foreign_words import find_foreign_origins, find_foreign_words, translate_lengths
from bot.conversation.gazetteer import Gazetteer
from bot.conversation.models import Novelty, Request, TextKind, Understood
from bot.conversation.quantities import find_recent, find_runtimes, find_short_or_long, find_years
from bot.conversation.spans import (
    Span,
    find_alternatives,
    find_negated,
    negated_words,
    read_vocabulary,
    use_matches,
)
from bot.conversation.tokens import (
    BREAKS,
    Text,
    compile_wrapped,
    read_tokens,
)
from bot.conversation.vocabulary import (
    FILM_WORDS,
    GENRE_WORDS,
    GROUP_NOUNS,
    REQUEST_WORDS,
    STOP_WORDS,
    STORY_GENRE_WORDS,
    TONES,
    word_set,
)
from bot.core.text.decades import translate_decades
from bot.core.text.origins import COUNTRY_WORDS

TEXT_LIMIT = 2_000
LONGEST_LOOKUP = 8
DESCRIPTION_WORDS, SHORT_DESCRIPTION_WORDS = 4, 2
"""So many words about a story make a description; fewer where nothing else asks for films."""
_LIKE_CUES = compile_wrapped(
    r"""
    (?<![^ ])(?:(?:something|anything|films?|movies?|stuff|one|ones|more|just|much|similar|feels?|is|
    was|looks?)? ?(?:like|similar to|such as|in the (?:style|vein|spirit) of|(?:the |same )?(?:mood|
    feel|feeling|vibe|vibes|tone|atmosphere) (?:of|as|like)|reminds me of|reminiscent of|comparable to|
    close to|fans? of|loved|enjoyed|liked|adored|same (?:director|vibe|vibes|style|mood) as|
    along the lines of|if i like|a la|(?:so |ahnlich )?wie|im stil von|comme|dans le style de|semblables? a|como|
    parecid[oa]s? (?:a|com)|similar(?:es)? a|al estilo de|no estilo de|come|simil[ei] a|nello stile di|tipo|jak|
    podobn[a-z]+ do|w stylu|som|als|zoals|lijkt op|in de stijl van|как|похож[а-я]+ на|вроде|типа|в духе))(?= )
    """
)
_LIKE_AROUND = re.compile(
    r"""
    ^(?:像|类似于?|如同)\s*(?P<after>.+?)(?:那样|这样|一样|那种)?(?:的(?:电影|片子?)?)?$|
    ^(?P<before>.+?)\s*(?:みたいな|のような|っぽい|に似た|같은|비슷한|[와과]\ 비슷한|\ gibi|\ benzeri|\ tarzı)
    \s*(?:映画|영화(?:들)?|filmler|filmi|film|bir\ film)?(?=$|[\s、,])
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Likeness in Chinese, Japanese, Korean and Turkish, where the title comes first or has words on both sides."""
_MAKER_CUES = compile_wrapped(
    r"""
    (?<![^ ])(?:(?:by|from|of) )?(?:the )?(?:same )?(?:directors?|makers?|film ?makers?|
    (?:people|person|guys?|man|woman|team) (?:behind|who (?:made|directed|did))|director who (?:made|directed|did))
    (?: (?:of|behind|as))?(?= )
    """
)
_VERB_BEFORE_LIKE = word_set(
    """
    i we you they would id wed do dont really also he she people
    """
)
_GROUP = compile_wrapped(
    r"""
    (?<![^ ])(?:for us|both of us|all of us|(?:two|three|four|five|six) of us|together|movie night|film night|
    date night|(?:for|with|and) (?:(?:me|us|myself) (?:and|plus) )?@|@ and (?:me|i)|me and @|
    for (?:me and )?(?:my|our) (?:\w+ )?(?:NOUNS)|
    (?:with|and) (?:me and )?(?:my|our|the|some|a few|a couple of) (?:\w+ )?(?:NOUNS)|
    me and my (?:\w+ )?(?:NOUNS)|my (?:\w+ )?(?:NOUNS) and (?:i|me)|
    with (?:friends|kids|family|others|people|everyone)|for (?:friends|everyone)|
    we (?:want|like|love|need|could|can|should|watch|are|feel|fancy|have)|
    (?:should|can|could|shall|do|will) we|lets watch|were (?:looking|in the mood))(?= |$)
    """.replace("NOUNS", "|".join(sorted(GROUP_NOUNS, key=len, reverse=True)))
)
_RATED = compile_wrapped(
    r"""
    (?<![^ ])(?:(?:highly|well|top|best|high) (?:rated|reviewed|regarded|acclaimed)|
    critically acclaimed|acclaimed|award winning|oscar winning|(?:four|five|4|
    5) (?:and a half )?stars?(?: or (?:more|better))?|(?:the )?(?:very )?best (?:of|rated)?|top|
    masterpieces?|must see)(?= |$)
    """
)
_NOVELTY = (
    (
        compile_wrapped(
            r"""
            (?<![^ ])(?:(?:(?:that )?(?:i|we) (?:havent|have not|hadnt|didnt|have never|never|wont have) (?:yet )?
            (?:seen|watched|see|saw)(?: yet)?)|new to (?:me|us)|not seen(?: yet)?|unseen|never seen)(?= |$)
            """
        ),
        Novelty.UNSEEN,
    ),
    (
        compile_wrapped(
            r"""
            (?<![^ ])(?:obscure|lesser known|little known|underrated|hidden gems?|unknown|under the radar|
            off the beaten (?:track|path)|not (?:too |so |very )?(?:well known|famous|popular|mainstream|obvious)|
            less obvious|forgotten|niche|cult)(?= |$)
            """
        ),
        Novelty.OBSCURE,
    ),
    (
        re.compile(r"(?<![^ ])(?:classics?|golden age|old school|an oldie|oldies?|vintage)(?= |$)"),
        Novelty.CLASSIC,
    ),
    (
        compile_wrapped(
            r"""
            (?<![^ ])(?:popular|famous|well known|mainstream|blockbusters?|
            everyone(?:s| is) (?:seen|talking about)|big hits?)(?= |$)
            """
        ),
        Novelty.POPULAR,
    ),
)
_PREFIX = compile_wrapped(
    r"""
    ^(?:(?:hey|hi|hello|ok|okay|please|pls|so|and|well|oh)(?: marquee)? |marquee )*(?:(?:can you |
    could you )?(?:please )?(?:show me|show|find me|find|look up|search for|search|what about|how about|
    tell me about|give me|where can i watch|where is|info on|have you got|do you know|do you have|whats|
    what is)(?: the (?:film|movie)| film| movie)? )?
    """
)
_ABOUT_ONE_FILM = compile_wrapped(
    r"""
    ^(?:(?:hey|hi|hello|please|marquee|so|and) )*(?:
    (?:who (?:directed|made|wrote|produced|shot|filmed|starred in|stars in|is in|was in|acts in|acted in|plays in|
    played in|appears in)|(?:whos|who is|who was|who are|who were) (?:in|(?:the )?(?:director|writer|stars?|cast|
    actors?|actress) (?:of|in))|how long (?:is|was)|what (?:year|country|genre) (?:is|was)|
    (?:whats|what is) (?:the )?(?:runtime|length|director|cast|year) of) (?:the (?:film|movie) )?(?P<title>.+?)
    (?: (?:from|made|released))?|
    (?:when (?:did|was|is)|what year (?:did|was)) (?:the (?:film|movie) )?(?P<dated>.+?)(?: )
    (?:come out|released|made)|
    (?:whats|what is|what was) (?:the (?:film|movie) )?(?P<told>.+?) about)$
    """
)
"""Questions about one film, which its card answers."""
_SHOWN_BEFORE = word_set(
    """
    it that this them they one film movie the first second third last
    """
)
_NARRATIVE = compile_wrapped(
    r"""
    (?<![^ ])(?:(?:where|in which|when) (?:a|an|the|they|he|she|this|some|two|three|people|everyone|
    somebody|someone|you)|(?:film|movie|one|story|flick) (?:about|with|where|that|in which)|(?:a|an|the|
    some|two|three|\w+) (?:guy|man|woman|girl|boy|kid|dude|lady|couple|family|people|soldier|cop|
    detective|teacher|student|robot|dog|cat|killer|dad|mom|mum|father|mother|son|daughter|brothers?|
    sisters?|friends) \w+|(?<=[a-z] )who (?:\w+s|has|is|was|gets|can|cant|lives?|wants?)|whats that|
    what was (?:that|the)|the one (?:where|with|about)|that one)(?= |$)
    """
)
_HEADS = FILM_WORDS | {"something", "anything", "recommend", "suggest", "recommendation", "recommendations"}


class Grammar:
    """Reads texts; `gazetteer` knows the catalogue's titles and people."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def read(self, source: str, today: date) -> Understood:
        """Return what a text means by itself, as if nothing had been said before."""
        source = _put_like_first(source[:TEXT_LIMIT])
        text = read_tokens(source)
        if (title := self._read_title(text, source)) is not None:
            return title
        translated = translate_decades(source)
        if (english := translate_lengths(translated)) != source:
            text = read_tokens(english)
            # Its other words are judged as they were typed.
            text.foreign_words = find_foreign_words(read_tokens(source).words)
            if text.foreign_words is None and english != translated:
                text.foreign_words = frozenset()
        request, spans = self.read_parts(text, today)
        words = _leftover_words(text)
        understood = _judge(text, request, words, spans)
        if understood.is_foreign and request.is_empty and (match := self._gazetteer.lookup(source)) is not None:
            return _title(match.film_id)
        return understood

    def _read_title(self, text: Text, source: str) -> Understood | None:
        """Return the look-up that a text is where it is a title and nothing else."""
        joined = " ".join(word for word in text.words if word not in BREAKS)
        phrase = joined[_PREFIX.match(joined).end() :]  # type: ignore[union-attr]
        if not 0 < len(phrase.split()) <= LONGEST_LOOKUP:
            return None
        for candidate in dict.fromkeys((joined, phrase)):
            match = self._gazetteer.find_exact(candidate)
            if match is not None and not (
                candidate in GENRE_WORDS or candidate in COUNTRY_WORDS or candidate in TONES
            ):
                return _title(match.film_id)
        if (question := _ABOUT_ONE_FILM.match(joined)) is not None:
            title = question["title"] or question["dated"] or question["told"]
            found = self._gazetteer.find_title(read_tokens(title), 0)
            if found is not None and found[1] == len(title.split()) and not set(title.split()) <= _SHOWN_BEFORE:
                return _title(found[0].film_id)
        is_likeness = any(text.find(_LIKE_CUES))
        if (
            not phrase.isascii()
            and not is_likeness
            and (match := self._gazetteer.lookup(source.strip())) is not None
        ):
            return _title(match.film_id)
        return None

    def read_parts(self, text: Text, today: date) -> tuple[Request, list[Span]]:
        """Return what the rules read in a text, and where; the words they read are marked."""
        request = Request()
        group = any(True for _ in use_matches(text, _GROUP, is_kept=True)) or bool(text.member_ids)
        spans: list[Span] = [
            Span(start, end, "novelty", (novelty,))
            for pattern, novelty in _NOVELTY
            for start, end in use_matches(text, pattern)
        ]
        spans += self._read_makers(text)
        spans += self._read_likeness(text)
        if text.foreign_words is None:
            unread = [word for word, is_used in zip(text.words, text.used, strict=True) if not is_used]
            text.foreign_words = find_foreign_words(unread)
        spans += [Span(start, end, "people", (name,)) for start, end, name in self._gazetteer.find_people(text)]
        for span in spans:
            text.use(span.start, span.end)
        runtimes = list(find_runtimes(text))
        years = list(find_years(text, today.year))
        spans += read_vocabulary(text)
        if text.foreign_words is not None:
            for start, end, field, values in find_foreign_origins(text):
                if text.is_free(start, end):
                    text.use(start, end)
                    spans.append(Span(start, end, field, values))
        for _, _ in use_matches(text, _GROUP):
            pass
        rated = list(use_matches(text, _RATED))
        vague_runtimes = list(find_short_or_long(text))
        years += list(find_recent(text, today.year)) if not years else []
        negated = find_negated(text, spans)
        for each in runtimes or vague_runtimes:
            least, greatest = each.least or request.runtime_min, each.greatest or request.runtime_max
            request = replace(
                request,
                runtime_min=least,
                runtime_max=greatest,
                is_runtime_open=each.is_open and len(runtimes) == 1,
            )
        request = _with_years(request, [(each.least, each.greatest) for each in years])
        request = _with_spans(request, text, [span for span in spans if span not in negated], negated)
        if group:
            request = replace(request, group=True, member_ids=tuple(dict.fromkeys(text.member_ids)))
        if rated:
            request = replace(request, is_highly_rated=True)
        return replace(request, not_words=negated_words(text)), spans

    def _read_makers(self, text: Text) -> list[Span]:
        """Return the directors of films that a text names instead of them."""
        spans = []
        for start, end, _ in list(text.find(_MAKER_CUES)):
            found = self._gazetteer.find_title(text, end)
            if found is not None and found[0].directors:
                text.use(start, found[1])
                spans.append(Span(start, found[1], "people", found[0].directors))
        return spans

    def _read_likeness(self, text: Text) -> list[Span]:
        """Return the films that others are to be like."""
        spans: list[Span] = []
        for _, end, match in list(text.find(_LIKE_CUES)):
            cue = match[0].strip()
            position = end - 1
            is_verb = (
                cue in ("like", "loved", "enjoyed", "liked", "adored")
                and text.words[max(position - 1, 0)] in _VERB_BEFORE_LIKE
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
            if is_verb and (phrase in GENRE_WORDS or phrase in TONES or phrase in COUNTRY_WORDS):
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


def _put_like_first(source: str) -> str:
    """Return the text with “like” before the title, where its language says that after or around it."""
    match = _LIKE_AROUND.search(source.strip())
    if match is None:
        return source
    return f"like {match['after'] or match['before']} {source.strip()[match.end() :]}"


def _title(film_id: str) -> Understood:
    return Understood(TextKind.TITLE, Request(like=(film_id,)))


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
    alternatives = find_alternatives(text, genre_spans)
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
        is_any_person=len(people) > 1 and bool(find_alternatives(text, people)),
        novelty=Novelty(novelty[-1]) if novelty else None,
    )


def _leftover_words(text: Text) -> tuple[str, ...]:
    """Return the words that no rule has read and that may tell what a film is about."""
    words = (
        word
        for word, used in zip(text.words, text.used, strict=True)
        if not used
        and word not in BREAKS
        and word not in REQUEST_WORDS
        and word not in STOP_WORDS
        and word not in "@/-"
    )
    return tuple(dict.fromkeys(words))


def _judge(text: Text, request: Request, words: tuple[str, ...], spans: list[Span]) -> Understood:
    """Return what kind of text it is, with the words that tell of the story in the request."""
    plain = " ".join(word.lstrip("!") for word in text.words)
    has_film_word = any(word in _HEADS for word in text.words)
    has_genre_head = any(
        span.field == "genres"
        and text.phrase(span.start, span.end).lstrip("!") not in STORY_GENRE_WORDS
        and span.end
        for span in spans
    )
    has_head = (
        has_film_word
        or has_genre_head
        or bool(request.people or request.like or request.services or request.not_languages)
    )
    is_narrative = _NARRATIVE.search(plain) is not None
    if text.foreign_words is not None:
        # Another language's words say nothing of the story to an index in English.
        unknown = tuple(word for word in words if word not in text.foreign_words and not word.isdigit())
        kind = TextKind.OFF_TOPIC if replace(request, not_words=()).is_empty else TextKind.REQUEST
        return Understood(kind, replace(request, not_words=()), unknown, is_foreign=True)
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
    kept = (word for word in words if word and word not in BREAKS and word not in STOP_WORDS and word not in "@/-")
    return tuple(dict.fromkeys(kept))
