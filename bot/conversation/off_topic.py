"""Tells texts that have nothing to do with films from requests and descriptions."""

import re

from bot.conversation.tokens import compile_wrapped

_PATTERNS = compile_wrapped(
    r"""
    (?<![^ ])(?:ignore (?:all |any )?(?:previous |prior |your |the )?(?:instructions?|prompts?|rules)|
    system prompt|jailbreak|(?:write|compose|generate|draft) (?:me |us )?(?:a |an |some |
    my )?(?:\w+ )?(?:poem|script|code|program|essay|function|song|letter|story|email|haiku|sql|query)|
    python|javascript|drop table|select \w+ from|insert into|delete from|union select|weather|forecast|
    temperature|capital of|world cup|bitcoin|stock price|crypto|free nitro|robux|click here|giveaway|
    translate|(?:whats|what is|how much is|calculate|compute) \d+|\d+ (?:plus|minus|times|x) \d+|
    square root|remind me|set (?:an? )?(?:alarm|timer|reminder)|what time is it|what day is (?:it|
    today)|book (?:me )?a (?:flight|table|hotel)|play (?:some |a )?(?:music|song|songs)|tell (?:me |
    us )?a joke|joke|homework|recipe|(?:can|could|will|please) (?:you )?(?:ban|kick|mute|timeout)|
    how (?:do|can|to|does|would) (?:i|you|we|one)? ?(?:\w+ )?(?:cook|bake|make|fix|install|get rich|
    lose weight)|how are you|how is it going|hows it going|whats up|who are you|what are you|
    are you (?:a |an )?(?:bot|human|real|ai|there|alive|stupid|dumb|ok)|(?:i )?(?:hate|love) you|
    you (?:are|re|suck)|youre|your (?:favou?rite (?!film|movie)|mother|name)|fuck|shut up|kill yourself|
    idiot|stupid bot|good (?:morning|night|evening|bot|boy)(?! (?:film|movie))|thank(?:s| you)|lol|lmao|
    rofl|haha|hola|hallo|guten (?:tag|morgen|abend)|bonjour|ciao|salut|ola|how many|how much|who won|
    how old (?:is|are)|how tall|how far|what is the meaning of life|meaning of life|sing me|do my)(?= |
    $)
    """
)
_IMPERATIVES = compile_wrapped(
    r"""
    ^(?:(?:hey|hi|hello|ok|so|please|marquee|now|just|can you|could you|would you|will you) )*(?:order|
    call|open|close|send|delete|run|execute|explain|define|solve|calculate|convert|count|draw|roll|flip|
    buy|sell|print|repeat|say|sing|dance|act as|pretend|make me a|give me (?:your|a recipe|money|advice|
    directions)|fix|help|stop|go away|sudo|rm|lets play|do you (?:speak|love|hate|like me|want|know how|
    feel|have feelings)|tell me about yourself|what should (?:i|we) (?:eat|wear|do|buy|cook|say))(?= |$)
    """
)
_ABOUT_ONESELF = compile_wrapped(
    r"""
    ^(?:i am|im|i feel|i have (?:a|to)|my|i need (?:help|money|a job|sleep)|i lost|i cant|our|it is|its|
    we are|were)(?= |$)
    """
)
_QUESTION = compile_wrapped(
    r"""
    ^(?:(?:hey|hi|hello|ok|so|please|marquee) )*(?:who|how|why|when|where|is|are|does|do|did|can|could|
    will|would|should|what|whats)(?= |$)
    """
)
_ASKS = compile_wrapped(
    r"""
    (?<![^ ])(?:recommend|suggest|watch|surprise me|surprise us|movie|film|bored|show me something|
    pick one|something|anything)(?= |$|\w)
    """
)
_DANGEROUS = re.compile(
    r"https?://|discord\.gg|@everyone|@here|;\s*(?:drop|select|delete|insert|update)\b|<script", re.IGNORECASE
)
_LETTERS = re.compile(r"[^\W\d_]")


def is_off_topic(source: str, folded: str, *, has_head: bool, is_bare: bool, is_narrative: bool) -> bool:
    """Return whether a text asks for something other than films.

    `folded` are its folded words. `has_head`: a word for films, a genre, a person or a title is in it. `is_bare`:
    no rule of the grammar read anything. `is_narrative`: it tells of people who do something.
    """
    if not _LETTERS.search(source) and is_bare:
        return True
    if _DANGEROUS.search(source):
        return True
    if _PATTERNS.search(folded) is not None:
        return not has_head or _is_hostile(folded)
    if _IMPERATIVES.search(folded) and not re.search(r"(?<![^ ])(?:films?|movies?)(?= |$)", folded):
        return True
    if _ABOUT_ONESELF.search(folded) and not has_head and not is_narrative:
        return True
    is_question = _QUESTION.match(folded) is not None
    return is_question and not has_head and not is_narrative and not asks_for_films(folded)


def _is_hostile(folded: str) -> bool:
    return (
        re.search(r"system prompt|previous instructions|drop table|free nitro|python|javascript", folded)
        is not None
    )


def asks_for_films(folded: str) -> bool:
    """Return whether a text asks for films without saying which."""
    return _ASKS.search(folded) is not None
