"""Reads a text as the continuation of a conversation: "shorter", "not that one", "the third, where can I watch it?"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from statistics import fmean

from bot.conversation.grammar import Grammar
from bot.conversation.models import Action, Conversation, FilmDocument, Request, TextKind, Understood
from bot.conversation.tokens import read_tokens
from bot.conversation.vocabulary import TONES
from bot.core.text.folding import fold

MINIMUM_CHOICE = 3
"""So many films should still fit after `shorter` or `newer`, or the bound is set more mildly."""
_ORDINAL_WORDS = {
    "first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3, "fifth": 4, "5th": 4,
    "last": -1, "middle": 2,
}  # fmt: skip
_NUMBER_WORDS = {"one": 0, "two": 1, "three": 2, "four": 3, "five": 4} | {str(n): n - 1 for n in range(1, 6)}
_ORDINAL = re.compile(
    r"(?<![^ ])(?:the |number |no |nr |film |option )?(?:(?P<word>first|1st|second|2nd|third|3rd|fourth|4th|fifth|5th|last|middle)(?: one| film| movie)?"
    r"|(?:number|no|nr|film|option) (?P<number>one|two|three|four|five|[1-5]))(?= |$)"
)
_THIS = r"(?:it|that|this|that one|this one|that film|this film|that movie|this movie|one)"
_FILLER = re.compile(
    r"^(?:(?:ok|okay|nah|no|nope|yes|yeah|yep|hm+|well|please|hey|cool|great|thanks|thank you|and|so|but|or|oh|actually|marquee|uh|um|alright|right|nice|sure|now) )+(?=.)"
)
_FORGET = re.compile(
    r"^(?:(?:please )?(?:forget (?:it all|everything|all (?:of )?(?:that|this)|this conversation|our conversation|about it|what i said|me)|start (?:over|again|afresh|from scratch)|"
    r"reset|new (?:search|conversation|topic)|clear(?: that| everything| all)?|never ?mind))$"
)
_WHY = re.compile(r"(?<![^ ])(?:why|how come|what makes you|whats the reason|explain|for what reason)(?= |$)")
_WATCH = re.compile(r"(?<![^ ])(?:where (?:can|could|do|would) (?:i|we) (?:watch|see|stream|find|get)|where is|wheres|how can i watch|is (?:it|that|this) (?:on|streaming)|stream (?:it|that)|where to (?:watch|stream|see)|who (?:has|streams) (?:it|that))(?= |$)")
_ADD = re.compile(r"(?<![^ ])(?:(?:add|put|save|stick)(?: \w+){0,4} (?:to|on|in|onto|for) (?:my |the |our )?(?:watch ?list|list|later)|save (?:it|that|this)|add (?:it|that|this)(?: one)?|(?:watchlist|bookmark|remember) (?:it|that|this)|ill (?:take|watch) (?:it|that) later)(?= |$)")
_CARD = re.compile(r"(?<![^ ])(?:tell me (?:more )?about|show me|details|more (?:about|on|info)|info|open|whats (?:it|that) about|what is (?:it|that) about|who is in it|whos in it|lets (?:watch|go with|take)|ill take|i take|take)(?= |$)")
_MORE = re.compile(
    r"^(?:(?:show |give |tell )?(?:me |us )?(?:(?:some|a few|five|any|the) )?(?:more|others?|next|another|other ones?|different ones?|something (?:else|different|new)|anything else|other (?:films?|movies?|options?|suggestions?|ideas?)|"
    r"more (?:of (?:them|those|these|that)|please|options|suggestions|films|movies|ideas|results|like (?:that|those|these|this))|another (?:one|film|movie)|what else|else|any ?more|any others?(?: ones?)?|anything else|keep going|go on|next (?:page|ones?|five)|none of (?:them|those|these)|not (?:these|those|them)|"
    r"what other(?: ones?| films?| movies?)?(?: are there| do you have)?|got anything else|what else (?:do you have|is there|have you got)|different)(?: please| is there| do you have| instead)?)$"
)
_SEEN = re.compile(r"(?<![^ ])(?:(?:ive|i have|we have|weve|i|we)(?: already| all)? (?:seen|watched|saw|know|knew)|(?:already )?(?:seen|watched|saw|know)|been there)(?= |$)")
_SEEN_ALL = re.compile(r"(?<![^ ])(?:all|them|those|these|both|all of (?:them|those|these)|every one)(?= |$)")
_REJECT = re.compile(rf"^(?:(?:no |anything but |i dont (?:like|want) |dont (?:like|want) |not )(?:the )?(?:{_THIS})|not (?:really )?(?:that|this|it)(?: one)?|no|nope|not for me|pass|skip (?:it|that)|rather not|hate (?:it|that))$")
_REJECT_ORDINAL = re.compile(r"^(?:not|no|anything but|everything but|except|skip|without|i dont (?:like|want)|dont (?:like|want)|drop) ")
_LIKE_THAT = re.compile(rf"(?<![^ ])(?:(?:more|something|anything|films|movies|others|one)? ?(?:like|similar to|in the style of)) (?:{_THIS}$|the )")
_COMPARE = (
    (re.compile(r"(?<![^ ])(?:shorter|less long|not (?:so|as|that|too) long|too long|quicker)(?= |$)"), "shorter"),
    (re.compile(r"(?<![^ ])(?:longer|too short|not (?:so|as|that) short)(?= |$)"), "longer"),
    (re.compile(r"(?<![^ ])(?:newer|more (?:recent|modern|current)|younger|less old|too old|not (?:so|as|that) old|later ones?)(?= |$)"), "newer"),
    (re.compile(r"(?<![^ ])(?:older|earlier ones?|less (?:recent|modern|new)|too (?:new|recent|modern)|not (?:so|as|that) (?:new|recent))(?= |$)"), "older"),
)  # fmt: skip
_COMPARED_WITH_NUMBER = re.compile(r"(?:shorter|longer|newer|older|more recent|later) than")
_RELAX = re.compile(
    r"(?P<any>any|whatever|every|all) (?P<what>length|runtime|duration|decade|year|years|era|age|country|language|genre|service|one|actor|director|person)s?"
    r"|(?P<fine>longer|shorter|newer|older|any length) (?:is|are|would be|s) (?:fine|ok|okay|good|alright|too)"
    r"|(?P<what2>length|runtime|duration|year|decade|country|language|genre|service|era|age)(?: really)? (?:doesnt|does not|dont) matter"
    r"|(?:it )?(?:doesnt|does not|neednt|need not|mustnt) (?:have to |need to |necessarily )?be (?P<part>.+)"
    r"|(?:forget|drop|ignore|remove|lose|scrap|never ?mind|leave out|take out) (?:the |about the |about )?(?P<part2>.+)"
)
_RELAXED_FIELDS = {
    "length": ("runtime_min", "runtime_max"), "runtime": ("runtime_min", "runtime_max"), "duration": ("runtime_min", "runtime_max"),
    "longer": ("runtime_min", "runtime_max"), "shorter": ("runtime_min", "runtime_max"), "any length": ("runtime_min", "runtime_max"),
    "decade": ("year_from", "year_to"), "year": ("year_from", "year_to"), "years": ("year_from", "year_to"), "era": ("year_from", "year_to"),
    "age": ("year_from", "year_to"), "newer": ("year_from", "year_to"), "older": ("year_from", "year_to"),
    "country": ("countries", "not_countries"), "language": ("languages", "not_languages"), "genre": ("genres", "any_genres", "not_genres"),
    "service": ("services",), "actor": ("people",), "director": ("people",), "person": ("people",),
}  # fmt: skip
_REPLACES = re.compile(r"(?<![^ ])(?:what about|how about|make it|make that|instead|rather|switch to|change (?:it )?to|i meant|no i meant|i mean|or rather)(?= |$)")
_REFINES = re.compile(
    r"^(?:and|but|or|what about|how about|make it|make that|in|on|for|with|without|not|no|nothing|from|also|only|maybe|rather|preferably|under|over|before|after|"
    r"less|a bit|a little|even|can it be|could it be|should be|it should|it must|it has to|must be|has to be|needs to be|by|directed by|starring|something (?:more|less|from|in|with|under|on|by)|anything (?:from|in|with|under|on|by)|any (?:from|in|with|under|on|by)|ones? (?:from|in|with|under|on|by)|"
    r"just|too|more|all|set in|that (?:is|are)|which|is there (?:one|any)|are there (?:any|some)|do you have (?:one|any)|at most|at least|shorter than|longer than|newer than|older than|except|exclude|i prefer|id prefer|if possible|ideally|same but|the same|same)(?= |$)"
)
_LESS = re.compile(r"(?<![^ ])(?:less|too|not (?:so|as|that|too)) (\w+(?: \w+)?)(?= |$)")
_DESCRIPTION_GOES_ON = re.compile(r"^(?:and|but|also|it was|it is|its|it had|it has|i think|there was|there is|theres|there were|he|she|they|the (?:man|woman|guy|girl|main)|set in|in|with|no it|maybe|one of|the one)(?= |$)")


@dataclass(slots=True)
class _Turn:
    """What the clauses of a text have said so far."""

    request: Request
    action: Action = Action.NONE
    chosen: int | None = None
    excluded: tuple[str, ...] = ()
    is_read: bool = False


class FollowUps:
    """Reads texts within a conversation; `count_fitting` says how many films meet a request."""

    def __init__(self, grammar: Grammar, films: Sequence[FilmDocument], row_of: dict[str, int]) -> None:
        self._grammar = grammar
        self._films = films
        self._row_of = row_of

    def read(self, source: str, conversation: Conversation, today: date) -> Understood:
        """Return what a text means after what was said before."""
        if not conversation.shown and conversation.request.is_empty:
            return self._grammar.read(source, today)
        turn = _Turn(conversation.request)
        rest = []
        for clause in _clauses(source):
            if not self._read_clause(clause, turn, conversation):
                rest.append(clause)
        left = ", ".join(rest)
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
        if kind is TextKind.DESCRIPTION and _asks_otherwise(turn.request, conversation.request):
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
            if _LIKE_THAT.search(plain) is None and (not rest or _CARD.search(plain) or rest in ("looks good", "sounds good", "then")):
                turn.action = Action.CARD
                return True
        if re.fullmatch(rf"(?:tell me (?:more )?about|show me|more about|details (?:on|of|about)) {_THIS}", plain) or re.fullmatch(
            rf"whats? (?:is )?{_THIS} about", plain
        ):
            turn.action, turn.chosen = Action.CARD, conversation.focus
            return True
        return False

    def _read_rejection(self, plain: str, turn: _Turn, conversation: Conversation, shown: list[FilmDocument]) -> bool:
        ids = [film.id for film in shown]
        ordinal = _find_ordinal(plain, len(shown))
        if _SEEN.search(plain) and ids and len(plain.split()) <= 9 and "havent" not in plain and "not" not in plain.split():
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

    def _read_likeness(self, plain: str, turn: _Turn, conversation: Conversation, shown: list[FilmDocument]) -> bool:
        if not shown or _LIKE_THAT.search(plain) is None:
            return False
        ordinal = _find_ordinal(plain, len(shown))
        if ordinal is None and re.search(rf"{_THIS}$", plain) is None:
            return False
        film = shown[min(conversation.focus, len(shown) - 1) if ordinal is None else ordinal]
        kept = Request(services=turn.request.services, group=turn.request.group, member_ids=turn.request.member_ids)
        turn.request, turn.chosen = replace(kept, like=(film.id,)), None
        return True

    def _read_comparison(self, plain: str, turn: _Turn, shown: list[FilmDocument]) -> bool:
        if _COMPARED_WITH_NUMBER.search(plain) or _RELAX.fullmatch(plain):
            return False
        for pattern, name in _COMPARE:
            if pattern.search(plain) and len(plain.split()) <= 6:
                turn.request = self._compare(turn.request, name, shown)
                rest = pattern.sub("", plain)
                tones = [tone for phrase, values in TONES.items() for tone in values if re.search(rf"(?<![^ ]){phrase}(?= |$)", rest)]
                turn.request = replace(turn.request, tones=tuple(dict.fromkeys((*turn.request.tones, *tones))))
                return True
        return False

    def _compare(self, request: Request, name: str, shown: list[FilmDocument]) -> Request:
        """Return the request for films shorter (longer, newer, older) than those shown, than the first, than most."""
        field, sign = {"shorter": ("runtime_max", -1), "longer": ("runtime_min", 1), "newer": ("year_from", 1), "older": ("year_to", -1)}[name]
        values = [value for film in shown if (value := film.runtime if "runtime" in field else film.year) is not None]
        if not values:
            return request
        opposite = {"runtime_max": "runtime_min", "runtime_min": "runtime_max", "year_from": "year_to", "year_to": "year_from"}[field]
        strictest = min(values) if sign < 0 else max(values)
        mildest = max(values) if sign < 0 else min(values)
        candidates = [strictest, values[0], round(fmean(values)), mildest]
        options = [replace(request, is_runtime_open=False, **{field: value + sign}) for value in candidates]
        for option in options:
            if self._has_enough(option):
                return option
        for option in options:
            relaxed = replace(option, **{opposite: None})
            if self._has_enough(relaxed):
                return relaxed
        return options[0]

    def _has_enough(self, request: Request) -> bool:
        count = 0
        for film in self._films:
            count += request.allows(film)
            if count >= MINIMUM_CHOICE:
                return True
        return False

    def _read_relaxation(self, plain: str, turn: _Turn) -> bool:
        match = _RELAX.match(plain)
        if match is None:
            return False
        what = match["what"] or match["what2"] or match["fine"]
        if what is not None and what in _RELAXED_FIELDS:
            turn.request = _cleared(turn.request, _RELAXED_FIELDS[what])
            return True
        named = match["part"] or match["part2"]
        if named is None:
            return False
        parts = self._grammar.read_parts(read_tokens(named), date.min)[0]
        before = turn.request
        for each in fields(Request):
            value, current = getattr(parts, each.name), getattr(turn.request, each.name)
            if isinstance(value, tuple) and value and isinstance(current, tuple):
                turn.request = replace(turn.request, **{each.name: tuple(v for v in current if v not in value)})
        lost = set(fold(named).split())
        turn.request = replace(turn.request, words=tuple(word for word in turn.request.words if word not in lost))
        for name, cleared in _RELAXED_FIELDS.items():
            if name in lost:
                turn.request = _cleared(turn.request, cleared)
        return turn.request != before

    def _merge(self, source: str, parsed: Understood, turn: _Turn, conversation: Conversation) -> Understood | None:
        """Return the conversation's request with what a further text adds, or None where it stands for itself."""
        words = fold(source, None)
        plain = _FILLER.sub("", words + " ").strip()
        if parsed.kind is TextKind.TITLE:
            return self._finish(turn, conversation, ()) if turn.is_read else None
        if parsed.kind is TextKind.OFF_TOPIC and not (parsed.not_understood and turn.is_read):
            return self._finish(turn, conversation, parsed.not_understood) if turn.is_read else None
        new = parsed.request
        less = [tone for match in _LESS.finditer(plain) for tone in TONES.get(match[1], TONES.get(match[1].split()[0], ()))]
        if less:
            new = replace(new, tones=tuple(t for t in new.tones if t not in less), not_tones=(*new.not_tones, *less))
        refines = turn.is_read or _REFINES.match(words) is not None or _REFINES.match(plain) is not None or _REPLACES.search(words) is not None
        if parsed.kind is TextKind.DESCRIPTION and conversation.kind is TextKind.DESCRIPTION:
            if _DESCRIPTION_GOES_ON.match(words) or refines:
                merged = _merged(turn.request, replace(new, words=()), words)
                turn.request = replace(merged, words=tuple(dict.fromkeys((*turn.request.words, *new.words))))
                return self._finish(turn, conversation, ())
            return None
        facets = _facets(new)
        if not refines and (len(facets) != 1 or facets == {"like"} or (parsed.kind is TextKind.DESCRIPTION and len(new.words) > 2)):
            return None
        if parsed.kind is TextKind.DESCRIPTION and len(new.words) > 3:
            return None
        turn.request = _merged(turn.request, new, words)
        return self._finish(turn, conversation, parsed.not_understood)


def _clauses(source: str) -> Iterator[str]:
    for clause in re.split(r"[,;.!?:]+(?!\d)|\s-\s|\bbut\b", source):
        if clause.strip():
            yield clause.strip()


def _find_ordinal(plain: str, count: int) -> int | None:
    """Return which of `count` films is named by its place."""
    for match in _ORDINAL.finditer(plain):
        if match["word"] == "last" and re.match(r"last (?:\w+ )?(?:years?|decades?)", plain[match.start("word") :]):
            continue
        place = _ORDINAL_WORDS[match["word"]] if match["word"] else _NUMBER_WORDS[match["number"]]
        place = count - 1 if place < 0 else place
        if 0 <= place < count:
            return place
    return None


def _cleared(request: Request, names: Sequence[str]) -> Request:
    empty = Request()
    changes = {name: getattr(empty, name) for name in names}
    return replace(request, **changes, is_runtime_open=request.is_runtime_open and "runtime_max" not in names)


_FACETS = (
    ("genres", ("genres", "any_genres")), ("not_genres", ("not_genres",)), ("countries", ("countries", "not_countries")),
    ("languages", ("languages", "not_languages")), ("years", ("year_from", "year_to")), ("runtime", ("runtime_min", "runtime_max")),
    ("people", ("people", "not_people")), ("like", ("like",)), ("services", ("services",)), ("group", ("group",)),
    ("tones", ("tones", "not_tones")), ("novelty", ("novelty",)), ("rated", ("is_highly_rated",)), ("words", ("words", "not_words")),
)  # fmt: skip


def _facets(request: Request) -> set[str]:
    empty = Request()
    return {facet for facet, names in _FACETS if any(getattr(request, name) != getattr(empty, name) for name in names)}


def _asks_otherwise(request: Request, before: Request) -> bool:
    """Return whether a request asks for something new that films must meet, so that a description became a request."""
    return any(facet in _facets(request) - _facets(before) for facet in ("like", "services"))


def _merged(request: Request, new: Request, words: str) -> Request:
    """Return a request with what a further one asks for: by facet what is new replaces or adds."""
    facets = _facets(new)
    adds = words.startswith(("or ", "also ", "and also ")) or " too" in words or " as well" in words
    replaces = _REPLACES.search(words) is not None
    merged = request
    if facets & {"genres"}:
        keeps = adds or words.startswith(("with ", "and ", "but ", "plus ", "something more ")) and not replaces
        if keeps and words.startswith("or "):
            any_genres = dict.fromkeys((*request.genres, *request.any_genres, *new.genres, *new.any_genres))
            merged = replace(merged, genres=(), any_genres=tuple(any_genres))
        elif keeps:
            merged = replace(merged, genres=_union(request.genres, new.genres), any_genres=new.any_genres or request.any_genres)
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
        not_languages=tuple(code for code in _union(merged.not_languages, new.not_languages) if code not in new.languages),
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
            merged = replace(merged, **{name: _union(getattr(merged, name), values) if adds else values})
    merged = replace(
        merged,
        countries=tuple(code for code in merged.countries if code not in new.not_countries),
        languages=tuple(code for code in merged.languages if code not in new.not_languages),
    )
    if new.people:
        people = new.people if replaces else _union(merged.people, new.people)
        merged = replace(merged, people=people, is_any_person=words.startswith("or ") or (merged.is_any_person and not replaces))
    if "years" in facets:
        merged = replace(merged, year_from=new.year_from, year_to=new.year_to)
    if "runtime" in facets:
        merged = replace(merged, runtime_min=new.runtime_min, runtime_max=new.runtime_max, is_runtime_open=new.is_runtime_open)
    if new.like:
        merged = replace(merged, like=new.like)
    if new.words and "genres" not in facets:
        merged = replace(merged, words=new.words if replaces else _union(merged.words, new.words))
    elif new.words:
        merged = replace(merged, words=_union(merged.words, new.words))
    return merged


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
