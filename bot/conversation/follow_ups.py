"""Reads what follows in a conversation: "shorter", "not that one", "the third, where can I watch it?"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from statistics import fmean

import numpy as np

from bot.conversation.filters import FilmFilter
from bot.conversation.grammar import Grammar
from bot.conversation.merging import (
    REPLACES,
    RUNTIME_FIELDS,
    YEAR_FIELDS,
    asks_otherwise,
    clear,
    find_facets,
    merge,
)
from bot.conversation.models import Action, Conversation, FilmDocument, Request, TextKind, Understood
from bot.conversation.retrieval import FilmIndex
from bot.conversation.tokens import compile_wrapped, read_tokens
from bot.conversation.vocabulary import TONES
from bot.core.text.folding import fold

MINIMUM_CHOICE = 3
"""So many films should still fit after `shorter` or `newer`, or the bound is set more mildly."""
_ORDINAL_WORDS = {
    "first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3, "fifth": 4, "5th": 4,
    "last": -1, "middle": 2,
}  # fmt: skip
_NUMBER_WORDS = {"one": 0, "two": 1, "three": 2, "four": 3, "five": 4} | {str(n): n - 1 for n in range(1, 6)}
_ORDINAL = compile_wrapped(
    r"""
    (?<![^ ])(?:the |number |no |nr |film |option )?(?:(?P<word>first|1st|second|2nd|third|3rd|fourth|
    4th|fifth|5th|last|middle)(?: one| film| movie)?|(?:number|no|nr|film|option) (?P<number>one|two|
    three|four|five|[1-5]))(?= |$)
    """
)
_THIS = r"(?:it|that|this|that one|this one|that film|this film|that movie|this movie|one)"
_FILLER = compile_wrapped(
    r"""
    ^(?:(?:ok|okay|nah|no|nope|yes|yeah|yep|hm+|well|please|hey|cool|great|thanks|thank you|and|so|but|
    or|oh|actually|marquee|uh|um|alright|right|nice|sure|now) )+(?=.)
    """
)
_FORGET = compile_wrapped(
    r"""
    ^(?:(?:please )?(?:forget (?:it all|everything|all (?:of )?(?:that|this)|this conversation|
    our conversation|about it|what i said|me)|start (?:over|again|afresh|from scratch)|reset|
    new (?:search|conversation|topic)|clear(?: that| everything| all)?|never ?mind))$
    """
)
_WHY = re.compile(r"(?<![^ ])(?:why|how come|what makes you|whats the reason|explain|for what reason)(?= |$)")
_WATCH = compile_wrapped(
    r"""
    (?<![^ ])(?:where (?:can|could|do|would) (?:i|we) (?:watch|see|stream|find|get)|where is|wheres|
    how can i watch|is (?:it|that|this) (?:on|streaming)|stream (?:it|that)|where to (?:watch|stream|
    see)|who (?:has|streams) (?:it|that))(?= |$)
    """
)
_ADD = compile_wrapped(
    r"""
    (?<![^ ])(?:(?:add|put|save|stick)(?: \w+){0,4} (?:to|on|in|onto|for) (?:my |the |
    our )?(?:watch ?list|list|later)|save (?:it|that|this)|add (?:it|that|this)(?: one)?|(?:watchlist|
    bookmark|remember) (?:it|that|this)|ill (?:take|watch) (?:it|that) later)(?= |$)
    """
)
_CARD = compile_wrapped(
    r"""
    (?<![^ ])(?:tell me (?:more )?about|show me|details|more (?:about|on|info)|info|open|whats (?:it|
    that) about|what is (?:it|that) about|who is in it|whos in it|lets (?:watch|go with|take)|ill take|
    i take|take)(?= |$)
    """
)
_MORE = compile_wrapped(
    r"""
    ^(?:(?:show |give |tell )?(?:me |us )?(?:(?:some|a few|five|any|the) )?(?:more|others?|next|another|
    other ones?|different ones?|something (?:else|different|new)|anything else|other (?:films?|movies?|
    options?|suggestions?|ideas?)|more (?:of (?:them|those|these|that)|please|options|suggestions|films|
    movies|ideas|results|like (?:that|those|these|this))|another (?:one|film|movie)|what else|else|
    any ?more|any others?(?: ones?)?|anything else|keep going|go on|next (?:page|ones?|five)|
    none of (?:them|those|these)|not (?:these|those|them)|what other(?: ones?| films?|
     movies?)?(?: are there| do you have)?|got anything else|
    what else (?:do you have|is there|
    have you got)|different)(?: please| is there| do you have| instead)?)$
    """
)
_SEEN = compile_wrapped(
    r"""
    (?<![^ ])(?:(?:ive|i have|we have|weve|i|we)(?: already| all)? (?:seen|watched|saw|know|knew)|
    (?:already )?(?:seen|watched|saw|know)|been there)(?= |$)
    """
)
_SEEN_ALL = re.compile(r"(?<![^ ])(?:all|them|those|these|both|all of (?:them|those|these)|every one)(?= |$)")
_REJECT = compile_wrapped(
    r"""
    ^(?:(?:no |anything but |i dont (?:like|want) |dont (?:like|want) |not )(?:the )?(?:(?:it|that|this|
    that one|this one|that film|this film|that movie|this movie|one))|not (?:really )?(?:that|this|
    it)(?: one)?|no|nope|not for me|pass|skip (?:it|that)|rather not|hate (?:it|that))$
    """
)
_REJECT_ORDINAL = re.compile(
    r"^(?:not|no|anything but|everything but|except|skip|without|i dont (?:like|want)|dont (?:like|want)|drop) "
)
_LIKE_THAT = compile_wrapped(
    r"""
    (?<![^ ])(?:(?:more|something|anything|films|movies|others|one)? ?(?:like|similar to|
    in the style of)) (?:(?:it|that|this|that one|this one|that film|this film|that movie|this movie|
    one)$|the )
    """
)
_COMPARE = (
    (
        re.compile(r"(?<![^ ])(?:shorter|less long|not (?:so|as|that|too) long|too long|quicker)(?= |$)"),
        "shorter",
    ),
    (re.compile(r"(?<![^ ])(?:longer|too short|not (?:so|as|that) short)(?= |$)"), "longer"),
    (
        compile_wrapped(
            r"""
            (?<![^ ])(?:newer|more (?:recent|modern|current)|younger|less old|too old|
            not (?:so|as|that) old|later ones?)(?= |$)
            """
        ),
        "newer",
    ),
    (
        compile_wrapped(
            r"""
            (?<![^ ])(?:older|earlier ones?|less (?:recent|modern|new)|too (?:new|recent|modern)|
            not (?:so|as|that) (?:new|recent))(?= |$)
            """
        ),
        "older",
    ),
)
_COMPARED_WITH_NUMBER = re.compile(r"(?:shorter|longer|newer|older|more recent|later) than")
_RELAX = compile_wrapped(
    r"""
    (?P<any>any|whatever|every|all) (?P<what>length|runtime|duration|decade|year|years|era|age|country|
    language|genre|service|one|actor|director|person)s?|(?P<fine>longer|shorter|newer|older|
    any length) (?:is|are|would be|s) (?:fine|ok|okay|good|alright|too)|(?P<what2>length|runtime|
    duration|year|decade|country|language|genre|service|era|age)(?: really)? (?:doesnt|does not|
    dont) matter|(?:it )?(?:doesnt|does not|neednt|need not|mustnt) (?:have to |need to |
    necessarily )?be (?P<part>.+)|(?:forget|drop|ignore|remove|lose|scrap|never ?mind|leave out|
    take out) (?:the |about the |about )?(?P<part2>.+)
    """
)
_RELAXED_FIELDS = (
    dict.fromkeys(("length", "runtime", "duration", "longer", "shorter", "any length"), RUNTIME_FIELDS)
    | dict.fromkeys(("decade", "year", "years", "era", "age", "newer", "older"), YEAR_FIELDS)
    | dict.fromkeys(("actor", "director", "person"), ("people",))
    | {
        "country": ("countries", "not_countries"),
        "language": ("languages", "not_languages"),
        "genre": ("genres", "any_genres", "not_genres"),
        "service": ("services",),
    }
)
"""The fields that a word clears of which the member says that any will do."""
_REFINES = compile_wrapped(
    r"""
    ^(?:and|but|or|what about|how about|make it|make that|in|on|for|with|without|not|no|nothing|from|
    also|only|maybe|rather|preferably|under|over|before|after|less|a bit|a little|even|can it be|
    could it be|should be|it should|it must|it has to|must be|has to be|needs to be|by|directed by|
    starring|something (?:more|less|from|in|with|under|on|by)|anything (?:from|in|with|under|on|by)|
    any (?:from|in|with|under|on|by)|ones? (?:from|in|with|under|on|by)|just|too|more|all|set in|
    that (?:is|are)|which|is there (?:one|any)|are there (?:any|some)|do you have (?:one|any)|at most|
    at least|shorter than|longer than|newer than|older than|except|exclude|i prefer|id prefer|
    if possible|ideally|same but|the same|same)(?= |$)
    """
)
_LESS = re.compile(r"(?<![^ ])(?:less|too|not (?:so|as|that|too)) (\w+(?: \w+)?)(?= |$)")
_DESCRIPTION_GOES_ON = compile_wrapped(
    r"""
    ^(?:and|but|also|it was|it is|its|it had|it has|i think|there was|there is|theres|there were|he|she|
    they|the (?:man|woman|guy|girl|main)|set in|in|with|no it|maybe|one of|the one)(?= |$)
    """
)


@dataclass(slots=True)
class _Turn:
    """What the clauses of a text have said so far."""

    request: Request
    action: Action = Action.NONE
    chosen: int | None = None
    excluded: tuple[str, ...] = ()
    is_read: bool = False


class FollowUps:
    """Reads texts within a conversation about the films of `index`."""

    def __init__(self, grammar: Grammar, index: FilmIndex, film_filter: FilmFilter) -> None:
        self._grammar = grammar
        self._films = index.films
        self._row_of = index.row_of
        self._filter = film_filter

    def read(self, source: str, conversation: Conversation, today: date) -> Understood:
        """Return what a text means after what was said before."""
        if not conversation.shown and conversation.request.is_empty:
            return self._grammar.read(source, today)
        turn = _Turn(conversation.request)
        left = ", ".join(
            clause for clause in _clauses(source) if not self._read_clause(clause, turn, conversation)
        )
        if turn.action is Action.FORGET:
            return Understood(TextKind.REQUEST, action=Action.FORGET, is_follow_up=True)
        if left.strip():
            parsed = self._grammar.read(left if turn.is_read else source, today)
            merged = self._merge(left if turn.is_read else source, parsed, turn, conversation)
            if merged is not None:
                return merged
        if not turn.is_read:
            return self._grammar.read(source, today)
        return self._finish(turn, conversation, ())

    def _finish(self, turn: _Turn, conversation: Conversation, not_understood: tuple[str, ...]) -> Understood:
        kind = conversation.kind if conversation.kind is not TextKind.TITLE else TextKind.REQUEST
        if kind is TextKind.DESCRIPTION and asks_otherwise(turn.request, conversation.request):
            kind = TextKind.REQUEST
        request = replace(turn.request, not_films=tuple(dict.fromkeys((*turn.request.not_films, *turn.excluded))))
        return Understood(kind, request, not_understood, turn.action, turn.chosen, is_follow_up=True)

    def _shown(self, conversation: Conversation) -> list[FilmDocument]:
        return [self._films[self._row_of[film]] for film in conversation.shown if film in self._row_of]

    def _read_clause(self, clause: str, turn: _Turn, conversation: Conversation) -> bool:
        """Apply a clause that speaks of the films shown; return whether it is one."""
        words = fold(clause, None)
        plain = _FILLER.sub("", words + " ").strip() or words
        plain = plain.removesuffix(" please").strip()
        if not plain or plain in ("ok", "okay", "and", "please", "thanks"):
            return True
        if _FORGET.match(plain):
            turn.action = Action.FORGET
            return True
        shown = self._shown(conversation)
        ordinal = _find_ordinal(plain, len(shown))
        if ordinal is not None:
            turn.chosen = ordinal
        is_read = (
            self._read_action(plain, turn, conversation, ordinal)
            or self._read_rejection(plain, turn, conversation, shown)
            or self._read_likeness(plain, turn, conversation, shown)
            or self._read_comparison(plain, turn, shown)
            or self._read_relaxation(plain, turn)
        )
        turn.is_read = turn.is_read or is_read
        return is_read

    def _read_action(self, plain: str, turn: _Turn, conversation: Conversation, ordinal: int | None) -> bool:
        focus = ordinal if ordinal is not None else turn.chosen
        if _MORE.match(plain):
            turn.action = Action.MORE
            return True
        if _ADD.search(plain):
            turn.action, turn.chosen = Action.ADD_TO_WATCHLIST, conversation.focus if focus is None else focus
            return True
        if _WATCH.search(plain):
            turn.action, turn.chosen = Action.WATCH, conversation.focus if focus is None else focus
            return True
        if _WHY.search(plain) and len(plain.split()) <= 8:
            turn.action, turn.chosen = Action.WHY, focus
            return True
        if ordinal is not None and _REJECT_ORDINAL.match(plain) is None and _SEEN.search(plain) is None:
            rest = _ORDINAL.sub("", plain).strip()
            if _LIKE_THAT.search(plain) is None and (
                not rest or _CARD.search(plain) or rest in ("looks good", "sounds good", "then")
            ):
                turn.action = Action.CARD
                return True
        if re.fullmatch(
            rf"(?:tell me (?:more )?about|show me|more about|details (?:on|of|about)) {_THIS}", plain
        ) or re.fullmatch(rf"whats? (?:is )?{_THIS} about", plain):
            turn.action, turn.chosen = Action.CARD, conversation.focus
            return True
        return False

    def _read_rejection(
        self, plain: str, turn: _Turn, conversation: Conversation, shown: list[FilmDocument]
    ) -> bool:
        ids = [film.id for film in shown]
        ordinal = _find_ordinal(plain, len(shown))
        if (
            _SEEN.search(plain)
            and ids
            and len(plain.split()) <= 9
            and "havent" not in plain
            and "not" not in plain.split()
        ):
            if ordinal is not None:
                turn.excluded += (ids[ordinal],)
            elif _SEEN_ALL.search(plain):
                turn.excluded += tuple(ids)
            else:
                turn.excluded += (ids[min(conversation.focus, len(ids) - 1)],)
            turn.chosen = None
            return True
        if ordinal is not None and _REJECT_ORDINAL.match(plain) and ids:
            turn.excluded += (ids[ordinal],)
            turn.chosen = None
            return True
        if _REJECT.match(plain) and ids:
            turn.excluded += (ids[min(conversation.focus, len(ids) - 1)],)
            return True
        return False

    def _read_likeness(
        self, plain: str, turn: _Turn, conversation: Conversation, shown: list[FilmDocument]
    ) -> bool:
        if not shown or _LIKE_THAT.search(plain) is None:
            return False
        ordinal = _find_ordinal(plain, len(shown))
        if ordinal is None and re.search(rf"{_THIS}$", plain) is None:
            return False
        film = shown[min(conversation.focus, len(shown) - 1) if ordinal is None else ordinal]
        kept = Request(
            services=turn.request.services, group=turn.request.group, member_ids=turn.request.member_ids
        )
        turn.request, turn.chosen = replace(kept, like=(film.id,)), None
        return True

    def _read_comparison(self, plain: str, turn: _Turn, shown: list[FilmDocument]) -> bool:
        if _COMPARED_WITH_NUMBER.search(plain) or _RELAX.fullmatch(plain):
            return False
        for pattern, name in _COMPARE:
            if pattern.search(plain) and len(plain.split()) <= 6:
                turn.request = self._compare(turn.request, name, shown)
                rest = pattern.sub("", plain)
                tones = [
                    tone
                    for phrase, values in TONES.items()
                    for tone in values
                    if re.search(rf"(?<![^ ]){phrase}(?= |$)", rest)
                ]
                turn.request = replace(turn.request, tones=tuple(dict.fromkeys((*turn.request.tones, *tones))))
                return True
        return False

    def _compare(self, request: Request, name: str, shown: list[FilmDocument]) -> Request:
        """Return the request for films shorter (longer, newer, older) than those shown."""
        field, sign = {
            "shorter": ("runtime_max", -1),
            "longer": ("runtime_min", 1),
            "newer": ("year_from", 1),
            "older": ("year_to", -1),
        }[name]
        values = [
            value for film in shown if (value := film.runtime if "runtime" in field else film.year) is not None
        ]
        if not values:
            return request
        opposite = {
            "runtime_max": "runtime_min",
            "runtime_min": "runtime_max",
            "year_from": "year_to",
            "year_to": "year_from",
        }[field]
        strictest = min(values) if sign < 0 else max(values)
        mildest = max(values) if sign < 0 else min(values)
        candidates = [strictest, values[0], round(fmean(values)), mildest]
        options = [request.with_values({field: value + sign, "is_runtime_open": False}) for value in candidates]
        for option in options:
            if self._has_enough(option):
                return option
        for option in options:
            relaxed = option.with_values({opposite: None})
            if self._has_enough(relaxed):
                return relaxed
        return options[0]

    def _has_enough(self, request: Request) -> bool:
        return int(np.count_nonzero(self._filter.allowed(request))) >= MINIMUM_CHOICE

    def _read_relaxation(self, plain: str, turn: _Turn) -> bool:
        match = _RELAX.match(plain)
        if match is None:
            return False
        what = match["what"] or match["what2"] or match["fine"]
        if what is not None and what in _RELAXED_FIELDS:
            turn.request = clear(turn.request, _RELAXED_FIELDS[what])
            return True
        named = match["part"] or match["part2"]
        if named is None:
            return False
        parts = self._grammar.read_parts(read_tokens(named), date.min)[0]
        before = turn.request
        for each in fields(Request):
            value, current = getattr(parts, each.name), getattr(turn.request, each.name)
            if isinstance(value, tuple) and value and isinstance(current, tuple):
                turn.request = turn.request.with_values({each.name: tuple(v for v in current if v not in value)})
        lost = set(fold(named).split())
        turn.request = replace(turn.request, words=tuple(word for word in turn.request.words if word not in lost))
        for name, cleared in _RELAXED_FIELDS.items():
            if name in lost:
                turn.request = clear(turn.request, cleared)
        return turn.request != before

    def _merge(
        self, source: str, parsed: Understood, turn: _Turn, conversation: Conversation
    ) -> Understood | None:
        """Return the conversation's request with what a further text adds, or None where it stands for itself."""
        words = fold(source, None)
        plain = _FILLER.sub("", words + " ").strip()
        if parsed.kind is TextKind.TITLE:
            return self._finish(turn, conversation, ()) if turn.is_read else None
        if parsed.kind is TextKind.OFF_TOPIC and not (parsed.not_understood and turn.is_read):
            return self._finish(turn, conversation, parsed.not_understood) if turn.is_read else None
        new = parsed.request
        less = [
            tone
            for match in _LESS.finditer(plain)
            for tone in TONES.get(match[1], TONES.get(match[1].split()[0], ()))
        ]
        if less:
            new = replace(
                new, tones=tuple(t for t in new.tones if t not in less), not_tones=(*new.not_tones, *less)
            )
        refines = (
            turn.is_read
            or _REFINES.match(words) is not None
            or _REFINES.match(plain) is not None
            or REPLACES.search(words) is not None
        )
        if parsed.kind is TextKind.DESCRIPTION and conversation.kind is TextKind.DESCRIPTION:
            if _DESCRIPTION_GOES_ON.match(words) or refines:
                merged = merge(turn.request, replace(new, words=()), words)
                turn.request = replace(merged, words=tuple(dict.fromkeys((*turn.request.words, *new.words))))
                return self._finish(turn, conversation, ())
            return None
        facets = find_facets(new)
        if not refines and (
            len(facets) != 1 or facets == {"like"} or (parsed.kind is TextKind.DESCRIPTION and len(new.words) > 2)
        ):
            return None
        if parsed.kind is TextKind.DESCRIPTION and len(new.words) > 3:
            return None
        turn.request = merge(turn.request, new, words)
        understood = self._finish(turn, conversation, parsed.not_understood)
        return replace(understood, is_foreign=parsed.is_foreign)


def _clauses(source: str) -> Iterator[str]:
    for clause in re.split(r"[,;.!?:]+(?!\d)|\s-\s|\bbut\b", source):
        if clause.strip():
            yield clause.strip()


def _find_ordinal(plain: str, count: int) -> int | None:
    """Return which of `count` films is named by its place."""
    for match in _ORDINAL.finditer(plain):
        if match["word"] == "last" and re.match(
            r"last (?:\w+ )?(?:years?|decades?)", plain[match.start("word") :]
        ):
            continue
        place = _ORDINAL_WORDS[match["word"]] if match["word"] else _NUMBER_WORDS[match["number"]]
        place = count - 1 if place < 0 else place
        if 0 <= place < count:
            return place
    return None
