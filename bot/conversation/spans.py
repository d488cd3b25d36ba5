"""Spans of a text that the tables of words explain, what is negated, and what are alternatives."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.conversation.tokens import CLAUSE_BREAKS, Phrases, Text, compile_wrapped, longest_phrases
from bot.conversation.vocabulary import (
    GENRE_WORDS,
    OWN_SERVICES,
    REQUEST_WORDS,
    SERVICES,
    SERVICES_BY_PREPOSITION,
    TONES,
    word_set,
)
from bot.core.text.countries import country_names
from bot.core.text.folding import fold
from bot.core.text.origins import COUNTRY_WORDS, LANGUAGE_WORDS

_NEGATIONS = compile_wrapped(
    r"""
    (?<![^ ])(?:not|no|without|nothing|neither|nor|except(?: for)?|excluding|anything but|
    everything but|isnt|arent|wasnt|non|minus|other than|apart from|instead of|rather than|(?:i |
    we )?(?:dont|do not|doesnt|cant|cannot) (?:want|like|need|stand|fancy|feel like|do)|(?:i |we )?hate|
    tired of|sick of|no more|never|avoid|skip|free of|leave out)(?= )
    """
)
_ABOUT_CHILDREN = compile_wrapped(
    r"""
    (?<![^ ])(?:for|with) (?:my|our|the|small|young|little) (?:kids?|children|toddlers?|child|
    little ones)(?= |$)
    """
)
_FOREIGN = compile_wrapped(
    r"""
    (?<![^ ])(?:foreign(?: language)?|world cinema|subtitled|with subtitles|
    non english(?: language| speaking)?|international)(?= |$)
    """
)
_OWN_SERVICES = compile_wrapped(
    r"""
    (?<![^ ])(?:(?:that is |thats )?(?:on|in|with|from) )?(?:my|our) (?:streaming )?(?:services?|
    subscriptions?|streaming|platforms?|apps?)(?= |$)|(?<![^ ])(?:that |which )?(?:i|we) (?:can|
    could) stream(?= |$)|(?<![^ ])on my (?:tv|stuff)(?= |$)
    """
)


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
_COUNTRY_PHRASES = Phrases(tuple(COUNTRY_WORDS))
_AMBIGUOUS_COUNTRIES = frozenset({"GE", "JE", "UM"})
"""Countries whose names mean another place as well, or none that a film could be from."""
_FURTHER_COUNTRIES = {
    fold(name): (code,)
    for code, name in country_names().items()
    if fold(name) not in COUNTRY_WORDS and code not in _AMBIGUOUS_COUNTRIES
}
"""All the others by name alone: they are rarely asked for, and a Chad or a Jordan may be anybody."""
_FURTHER_COUNTRY_PHRASES = Phrases(tuple(_FURTHER_COUNTRIES))
_SERVICE_PHRASES = Phrases(tuple(SERVICES))
_LANGUAGE_WORDS = frozenset(LANGUAGE_WORDS)
_ONLY_LANGUAGES = _LANGUAGE_WORDS - frozenset(COUNTRY_WORDS)


def use_matches(text: Text, pattern: re.Pattern[str], *, is_kept: bool = False) -> Iterator[tuple[int, int]]:
    """Yield where a pattern matches; its tokens are marked as read unless they are kept."""
    for start, end, _ in list(text.find(pattern)):
        if not is_kept:
            text.use(start, end)
        yield start, end


def read_vocabulary(text: Text) -> list[Span]:
    """Return the spans that the tables of words explain."""
    spans = [Span(start, end, "services", (OWN_SERVICES,)) for start, end in use_matches(text, _OWN_SERVICES)]
    spans += [Span(start, end, "not_languages", ("en",)) for start, end in use_matches(text, _FOREIGN)]
    spans += _read_services(text)
    for _ in use_matches(text, _ABOUT_CHILDREN):
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
            yield Span(start, end, "languages", LANGUAGE_WORDS[word])
    for start, end, phrase in list(longest_phrases(text, _COUNTRY_PHRASES)):
        before = text.words[start - 1] if start else ""
        is_made_there = start >= 2 and text.phrase(start - 2, start) == "made in"
        if (before == "in" and not is_made_there) or (phrase == "turkey" and before != "from") or phrase == "kiwi":
            continue  # the story is set there
        text.use(start, end)
        yield Span(start, end, "countries", COUNTRY_WORDS[phrase])
    for start, end, phrase in list(longest_phrases(text, _FURTHER_COUNTRY_PHRASES)):
        if start and (text.words[start - 1] == "from" or text.phrase(max(0, start - 2), start) == "made in"):
            text.use(start, end)
            yield Span(start, end, "countries", _FURTHER_COUNTRIES[phrase])


def _is_language_span(text: Text, index: int) -> bool:
    return (
        text.used[index] and text.words[index] in _LANGUAGE_WORDS and index >= 1 and text.words[index - 1] == "in"
    )


_LINKS = word_set(
    """
    a an any another too very much more film films movie movies flick flicks stuff in from of with about set
    made the that so really on typical your usual those these kind all it its is one ones by
    """
)


def find_negated(text: Text, spans: list[Span]) -> list[Span]:
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
                if (
                    has_object
                    and text.words[index - 1] not in ("or", "nor", "and", "/", ",")
                    and not (negated and span.field == negated[-1].field)
                ):
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


def negated_words(text: Text) -> tuple[str, ...]:
    """Return the words that no rule has read and that a negation is about."""
    words = (word[1:] for word in text.words if word.startswith("!") and len(word) > 1)
    return tuple(dict.fromkeys(word for word in words if word not in REQUEST_WORDS))


def find_alternatives(text: Text, spans: list[Span]) -> list[Span]:
    """Return the spans of which any will do: those joined by `or`, with those listed by commas before."""
    found: list[Span] = []
    run: list[Span] = []
    has_or = False
    likes_both = any(
        text.phrase(i, i + 2) in ("we like", "i like", "i love", "we love", "i enjoy", "we enjoy")
        for i in range(len(text) - 1)
    )
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
