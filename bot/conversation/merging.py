"""What a conversation asks for once a further request is added to it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.conversation.models import Request
from bot.conversation.tokens import compile_wrapped

RUNTIME_FIELDS, YEAR_FIELDS = ("runtime_min", "runtime_max"), ("year_from", "year_to")
REPLACES = compile_wrapped(
    r"""
    (?<![^ ])(?:what about|how about|make it|make that|instead|rather|switch to|change (?:it )?to|
    i meant|no i meant|i mean|or rather)(?= |$)
    """
)
"""Words by which something new takes the place of what was asked for."""


def clear(request: Request, names: Sequence[str]) -> Request:
    """Return the request without what these fields ask for."""
    empty = Request()
    changes: dict[str, Any] = {name: getattr(empty, name) for name in names}
    return replace(request, **changes, is_runtime_open=request.is_runtime_open and "runtime_max" not in names)


FACETS = {
    "genres": ("genres", "any_genres"),
    "not_genres": ("not_genres",),
    "countries": ("countries", "not_countries"),
    "languages": ("languages", "not_languages"),
    "years": YEAR_FIELDS,
    "runtime": RUNTIME_FIELDS,
    "people": ("people", "not_people"),
    "like": ("like",),
    "services": ("services",),
    "group": ("group",),
    "tones": ("tones", "not_tones"),
    "novelty": ("novelty",),
    "rated": ("is_highly_rated",),
    "words": ("words", "not_words"),
}
"""The fields that one thing to ask for is kept in."""


def find_facets(request: Request) -> set[str]:
    """Return what a request asks for, as keys of FACETS."""
    empty = Request()
    return {
        facet
        for facet, names in FACETS.items()
        if any(getattr(request, name) != getattr(empty, name) for name in names)
    }


def asks_otherwise(request: Request, before: Request) -> bool:
    """Return whether what was asked for besides turns a description into a request."""
    return any(facet in find_facets(request) - find_facets(before) for facet in ("like", "services"))


def merge(request: Request, new: Request, words: str) -> Request:
    """Return a request with what a further one asks for: by facet what is new replaces or adds."""
    facets = find_facets(new)
    adds = words.startswith(("or ", "also ", "and also ")) or " too" in words or " as well" in words
    replaces = REPLACES.search(words) is not None
    merged = request
    if facets & {"genres"}:
        keeps = adds or (words.startswith(("with ", "and ", "but ", "plus ", "something more ")) and not replaces)
        if keeps and words.startswith("or "):
            any_genres = dict.fromkeys((*request.genres, *request.any_genres, *new.genres, *new.any_genres))
            merged = replace(merged, genres=(), any_genres=tuple(any_genres))
        elif keeps:
            merged = replace(
                merged, genres=_union(request.genres, new.genres), any_genres=new.any_genres or request.any_genres
            )
        else:
            merged = replace(merged, genres=new.genres, any_genres=new.any_genres, words=new.words)
        asked = {*merged.genres, *merged.any_genres}
        merged = replace(merged, not_genres=tuple(genre for genre in merged.not_genres if genre not in asked))
    merged = replace(
        merged,
        not_genres=_union(merged.not_genres, new.not_genres),
        genres=tuple(genre for genre in merged.genres if genre not in new.not_genres),
        any_genres=tuple(genre for genre in merged.any_genres if genre not in new.not_genres),
        not_countries=_union(merged.not_countries, new.not_countries),
        not_languages=tuple(
            code for code in _union(merged.not_languages, new.not_languages) if code not in new.languages
        ),
        not_people=_union(merged.not_people, new.not_people),
        not_words=_union(merged.not_words, new.not_words),
        tones=tuple(tone for tone in _union(merged.tones, new.tones) if tone not in new.not_tones),
        not_tones=tuple(tone for tone in _union(merged.not_tones, new.not_tones) if tone not in new.tones),
        group=merged.group or new.group,
        member_ids=tuple(dict.fromkeys((*merged.member_ids, *new.member_ids))),
        novelty=new.novelty or merged.novelty,
        is_highly_rated=merged.is_highly_rated or new.is_highly_rated,
    )
    for name in ("countries", "languages", "services"):
        if values := getattr(new, name):
            merged = merged.with_values({name: _union(getattr(merged, name), values) if adds else values})
    merged = replace(
        merged,
        countries=tuple(code for code in merged.countries if code not in new.not_countries),
        languages=tuple(code for code in merged.languages if code not in new.not_languages),
    )
    if new.people:
        people = new.people if replaces else _union(merged.people, new.people)
        merged = replace(
            merged, people=people, is_any_person=words.startswith("or ") or (merged.is_any_person and not replaces)
        )
    if "years" in facets:
        merged = replace(merged, year_from=new.year_from, year_to=new.year_to)
    if "runtime" in facets:
        merged = replace(
            merged, runtime_min=new.runtime_min, runtime_max=new.runtime_max, is_runtime_open=new.is_runtime_open
        )
    if new.like:
        merged = replace(merged, like=new.like)
    if new.words and "genres" not in facets:
        merged = replace(merged, words=new.words if replaces else _union(merged.words, new.words))
    elif new.words:
        merged = replace(merged, words=_union(merged.words, new.words))
    return merged


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
