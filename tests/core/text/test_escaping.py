import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.text.formatting import clean_line, escape, escape_line, escape_line_to_fit, format_user_text
from tests.markdown import render

ACTIVE = (
    "[text](https://evil.example)", "[text]||||(https://evil.example)", "@||||everyone", ">||||  q",
    "https://e.example/\\<@100000000000000001>", "https://e.example/<@100000000000000001>", "<**https://e.example",
    "<**https://e.example>**", "1. x", "7.", "- x", "-# x", "# x", "> x", ">>> x", "**b**", "__u__", "~~s~~",
    "_i_", "*i*", "`c`", "```c```", "<@100000000000000001>", "<@&100000000000000001>", "<#100000000000000001>",
    "@here", "<t:1:R>", "</film:100000000000000001>", "<id:browse>", "<:a:100000000000000001>", ":smile:",
    "discord.gg/abc", "https://discord.com/invite/abc", "ptb.discord.com/channels/1/2", "<mail@evil.example>",
    "<+15550100>", "[x](y) ||spoiler|| `code` **bold** (2001)", "[a]: https://e.example", "||a|| # x", "|| > q||",
    "\\", "\\||a||",
)  # fmt: skip
TOKENS = (
    *"\\*_~|`<>[]()@#-+.:/&!^ \n1279aбx", "||", "||||", "|||", "https://", "http:", "//evil.example",
    "discord.gg/a", "everyone", "here", "100000000000000001", "t:1", "id:browse", ":smile:", "-# ", "> ", "1. ",
    "](", "](https://", "```", "\u200b", "\u2028", "…", "😀",
)  # fmt: skip
HOSTILE = st.lists(st.sampled_from(TOKENS) | st.sampled_from(ACTIVE) | st.characters(), max_size=24).map("".join)
ESCAPE = re.compile(r"\\[^0-9A-Za-z\s]")


def assert_inert(shown: str) -> None:
    """Assert that nothing in it is active, by Discord's parser and whatever the rules of its older clients are."""
    assert set(render(shown).kinds) <= {"empty"}
    unescaped = ESCAPE.sub("\N{REPLACEMENT CHARACTER}", shown)
    assert not re.search(r"[*_~|`<\[\]]|@(everyone|here|[!&]?[0-9])|://|:\w+:|discord\.\w+/", unescaped)
    assert not re.search(r"(?m)^ *([-+#>]|[0-9]+\.)", unescaped)


@given(HOSTILE)
def test_a_line_shows_just_what_was_typed(text: str) -> None:
    shown = escape_line(text, 10_000)
    assert_inert(shown)
    assert render(shown).text == clean_line(text)


@pytest.mark.parametrize("text", ACTIVE)
def test_active_markdown_is_shown_as_typed(text: str) -> None:
    for shown in (escape_line(text), format_user_text(text, 500, spoiler=True)[2:-2]):
        assert_inert(shown)
    assert render(escape_line(text)).text == clean_line(text)
    assert render(f"**{escape_line(text)}**").kinds == ("bold",)
    assert set(render(format_user_text(text, 500)).kinds) <= {"spoiler"}


@given(st.lists(HOSTILE, max_size=5))
@example(["@", "everyone"])
@example(["https:", "//evil.example"])
@example(["1", ". x"])
@example(["[text]", "(https://evil.example)"])
def test_escaped_pieces_stay_inert_however_they_are_joined(pieces: list[str]) -> None:
    assert_inert("".join(escape(clean_line(piece)) for piece in pieces))
    assert_inert("\n".join(escape_line_to_fit(piece, 20) for piece in pieces))


@given(HOSTILE, st.integers(1, 80))
def test_a_line_cut_to_fit_is_inert_and_fits(text: str, limit: int) -> None:
    shown = escape_line_to_fit(text, limit)
    assert len(shown) <= limit
    assert_inert(shown)


@given(HOSTILE, st.integers(1, 200), st.booleans())
def test_a_text_hides_and_does_nothing_else(text: str, limit: int, spoiler: bool) -> None:
    shown = format_user_text(text, limit, spoiler=spoiler)
    rendering = render(shown)
    assert len(shown) <= limit
    assert set(rendering.kinds) <= {"spoiler", "empty"}
    if spoiler and shown:
        assert render(re.sub(r"^\|\|(.*)\|\|$", "", shown, flags=re.DOTALL)).text == ""


@given(HOSTILE)
def test_a_text_shows_every_character_that_was_typed(text: str) -> None:
    lines = [line for line in map(clean_line, text.splitlines()) if line]
    shown = render(format_user_text(text, 100_000)).text
    assert shown.replace("|", "") == "\n".join(lines).replace("|", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a ||b|| c", "a ||b|| c"),
        ("||a", "\\|\\|a"),
        ("||||a||||", "\\|\\|||a||\\|\\|"),
        ("a |||| b", "a \\|\\|\\|\\| b"),
        ("|| ||", "\\|\\| \\|\\|"),
        ("||a\nb||", "||a\nb||"),
    ],
)
def test_bars_that_hide_nothing_are_text(text: str, shown: str) -> None:
    assert format_user_text(text, 100) == shown


def test_a_cut_text_stays_hidden() -> None:
    shown = format_user_text("Good. ||The butler did it, in the library||, they say", 30)
    assert shown == "Good. ||The butler did it,…||"
    assert format_user_text("||a|| b", 6) == "||a||…"
    assert format_user_text("a…||b||c", 1) == "…"


@pytest.mark.parametrize("limit", range(8))
def test_a_text_of_one_character_that_does_not_fit_is_left_out(limit: int) -> None:
    assert len(format_user_text("||*||", limit)) <= limit
    assert len(escape_line_to_fit("*", limit)) <= limit


def test_common_titles_are_left_alone() -> None:
    for title in (
        "Spider-Man: Far from Home (2019)",
        "Se7en",
        "8½",
        "(500) Days of Summer",
        "Face/Off",
        "M.A.S.H.",
    ):
        assert escape_line(title) == title
    assert escape_line("Mission:Impossible") == "Mission\\:Impossible"
