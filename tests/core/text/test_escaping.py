import unicodedata
from datetime import date

import discord
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.core.text.escaping import clean, cut, day, escape, joined, plain, runtime

BIDI = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  two\n lines\t here ", "two lines here"),
        ("\u202eevil\u202c", "evil"),
        ("zero\u200bwidth", "zerowidth"),
        ("Z" + "\u0335" * 40, "Z" + "\u0335" * 3),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("e\u0301", "é"),
        ("발레리나", "발레리나"),
        ("", ""),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_cut_keeps_letters_whole() -> None:
    assert cut("short", 5) == "short"
    assert cut("longer text", 7) == "longer…"
    assert cut("👨‍👩‍👧👨‍👩‍👧", 6) == "👨‍👩‍👧…"
    assert cut("ab" + "e\u0301" * 4, 5) == "abe\u0301…"


@pytest.mark.parametrize(
    "text",
    [
        "**bold**",
        "||secret||",
        "[link](https://example.invalid)",
        "`code`",
        "# head",
        "@everyone",
        "<@100000000000000001>",
    ],
)
def test_plain_lets_nothing_out(text: str) -> None:
    shown = plain(text)
    assert "**" not in shown.replace("\\*", "")
    assert "||" not in shown.replace("\\|", "")
    assert "](" not in shown
    assert "@everyone" not in shown
    assert "<@1" not in shown


@given(st.text(max_size=300), st.integers(2, 120))
def test_cut_text_is_no_longer_than_asked_and_begins_alike(text: str, limit: int) -> None:
    shown = cut(text, limit)
    assert len(shown) <= limit
    assert text.startswith(shown.removesuffix("…").rstrip()) or shown == "…"
    if shown != text:
        graphemes = regex.findall(r"\X", text)
        assert any("".join(graphemes[:n]).rstrip() == shown[:-1] for n in range(len(graphemes)))


@given(st.text(max_size=300))
def test_cleaned_text_has_no_control_and_no_direction_marks(text: str) -> None:
    shown = clean(text)
    assert not set(BIDI) & set(shown)
    assert all(unicodedata.category(character)[0] != "C" for character in shown.replace("\u200d", ""))
    assert clean(shown) == shown


@given(st.lists(st.text(min_size=1, max_size=80), max_size=60), st.integers(100, 1024))
def test_joined_fits(parts: list[str], limit: int) -> None:
    assert len(joined(parts, limit)) <= limit


def test_joined_counts_what_it_leaves_out() -> None:
    assert joined(["aaaa", "bbbb", "cccc"], 15) == "aaaa, +2 more"
    assert joined(["aaaa", "bbbb", "cccc"], 100) == "aaaa, bbbb, cccc"


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [(93, "1\u00a0h\u00a033\u00a0min"), (45, "45\u00a0min"), (120, "2\u00a0h"), (61, "1\u00a0h\u00a01\u00a0min")],
)
def test_runtime(minutes: int, shown: str) -> None:
    assert runtime(minutes) == shown


def test_day() -> None:
    assert day(date(2023, 10, 6)) == "6 October 2023"


def test_escape_is_discords_own() -> None:
    assert escape("a_b") == discord.utils.escape_markdown("a_b", as_needed=False)


def test_markdown_between_a_link_and_a_later_bracket_is_inert() -> None:
    assert plain("[x](y) ||spoiler|| `code` **bold** (2001)") == (
        "[x]\u200b(y) \\|\\|spoiler\\|\\| \\`code\\` \\*\\*bold\\*\\* (2001)"
    )
