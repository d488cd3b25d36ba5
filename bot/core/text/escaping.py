"""Untrusted text made safe for Discord's messages: its markdown, mentions, links and emoji codes do nothing.

Text is joined and truncated first, and escaped last, once. Escaped pieces stay inert however they are joined, so
that nothing dropped between two of them makes them mean something.
"""

import re

from bot.core.text.formatting import ELLIPSIS, clean_line, has_visible_text, truncate

_ACTIVE = re.compile(
    r"""
    [\\*_~|`<\[\]]                      # styles, code, spoilers, mentions, masked links
    | (?m:^)[ \t]*(?:[-+#>]|[0-9]*[.)])  # headings, quotes, lists and small text begin a line
    | @(?=everyone|here|[!&]?[0-9]|\Z)
    | :(?=\S|\Z)                         # web addresses, emoji codes
    | \.(?=\w+/)                         # invites are links without `https:` too
    | \A/
    """,
    re.VERBOSE,
)
"""What Discord may take for markdown. The last character of a match is the one to escape."""
_SPOILER = re.compile(r"\|\|(?!\|)(.+?)\|\|", re.DOTALL)


def escape_line(text: str, limit: int = 200) -> str:
    """Return untrusted text as one line of a message: cleaned, at most `limit` characters of it, escaped.

    The backslashes of the escapes are not counted.
    """
    return escape(truncate(clean_line(text), limit))


def escape_line_to_fit(text: str, limit: int) -> str:
    """Return what `escape_line` does with the backslashes counted too, for texts that share one embed's limit."""
    return _escape_to_fit(clean_line(text), limit)


def escape(text: str) -> str:
    """Return `text` with all that Discord would act on escaped; `clean_line` it first if it is untrusted."""
    if text.replace(" ", "").isalnum():  # letters and digits alone mean nothing to Discord
        return text
    return _ACTIVE.sub(_escape_match, text)


def format_user_text(text: str, limit: int, *, spoiler: bool = False) -> str:
    """Return what a member wrote as it is shown in a message: at most `limit` characters, line breaks kept.

    `||` hides as it does in Discord and stays balanced after truncation; all other markdown is escaped. With
    `spoiler` the whole text is hidden.
    """
    lines = [clean_line(line) for line in text.splitlines()]
    remaining = limit
    formatted = []
    for piece, is_hidden in _split_spoilers("\n".join(filter(None, lines)), is_all_hidden=spoiler):
        escaped = _escape_to_fit(piece, remaining - 4 * is_hidden)
        if not escaped:
            break
        formatted.append(f"||{escaped}||" if is_hidden else escaped)
        remaining -= len(formatted[-1])
        if escaped != escape(piece):  # it was cut
            break
    return "".join(formatted)


def _split_spoilers(text: str, *, is_all_hidden: bool) -> list[tuple[str, bool]]:
    """Return the text's pieces, none of them empty, each with whether it is hidden.

    A `||` that hides nothing visible is text.
    """
    pieces, visible = [], ""
    position = 0
    for match in _SPOILER.finditer(text):
        visible += text[position : match.start()]
        position = match.end()
        if is_all_hidden:
            visible += match[1]
        elif has_visible_text(match[1]):
            pieces += [(visible, False), (match[1], True)]
            visible = ""
        else:
            visible += match[0]
    pieces.append((visible + text[position:], is_all_hidden))
    return [(piece, is_hidden) for piece, is_hidden in pieces if piece]


def _escape_match(match: re.Match[str]) -> str:
    """Return the match with its last character escaped.

    A backslash would keep a mention from being shown as one, but not from notifying; an invisible character does.
    """
    text = match[0]
    if text == "@" and match.end() < len(match.string):
        return "@\u200b"
    return f"{text[:-1]}\\{text[-1]}"


def _escape_to_fit(text: str, limit: int) -> str:
    """Return the text escaped and cut between graphemes, at most `limit` characters with the escapes."""
    if limit <= 0:
        return ""
    escaped, length = escape(text), len(text)
    while len(escaped) > limit:  # a length of 1 leaves the ellipsis, which fits
        length = max(1, min(length - 1, length * limit // len(escaped)))
        escaped = escape(truncate(text, length) if length < len(text) else ELLIPSIS)
    return escaped
