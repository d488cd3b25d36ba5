import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.core.text.formatting import (
    clean_line,
    format_count,
    format_runtime,
    join_limited,
    truncate,
)

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
def test_clean_line(text: str, cleaned: str) -> None:
    assert clean_line(text) == cleaned


def test_truncate_keeps_graphemes_whole() -> None:
    assert truncate("short", 5) == "short"
    assert truncate("longer text", 7) == "longer…"
    assert truncate("👨‍👩‍👧👨‍👩‍👧", 6) == "👨‍👩‍👧…"
    assert truncate("ab" + "e\u0301" * 4, 5) == "abe\u0301…"


@given(st.text(max_size=300), st.integers(2, 120))
def test_truncated_text_fits_and_is_a_prefix(text: str, limit: int) -> None:
    shown = truncate(text, limit)
    assert len(shown) <= limit
    assert text.startswith(shown.removesuffix("…").rstrip()) or shown == "…"
    if shown != text:
        graphemes = regex.findall(r"\X", text)
        assert any("".join(graphemes[:n]).rstrip() == shown[:-1] for n in range(len(graphemes)))


@given(st.text(max_size=300))
def test_clean_line_leaves_no_control_and_no_direction_marks(text: str) -> None:
    shown = clean_line(text)
    assert not set(BIDI) & set(shown)
    assert all(unicodedata.category(character)[0] != "C" for character in shown.replace("\u200d", ""))
    assert clean_line(shown) == shown


@given(st.lists(st.text(min_size=1, max_size=80), max_size=60), st.integers(100, 1024))
def test_join_limited_fits(parts: list[str], limit: int) -> None:
    assert len(join_limited(parts, limit)) <= limit


def test_join_limited_counts_what_it_leaves_out() -> None:
    assert join_limited(["aaaa", "bbbb", "cccc"], 15) == "aaaa, +2 more"
    assert join_limited(["aaaa", "bbbb", "cccc"], 100) == "aaaa, bbbb, cccc"


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [(93, "1\u00a0h\u00a033\u00a0min"), (45, "45\u00a0min"), (120, "2\u00a0h"), (61, "1\u00a0h\u00a01\u00a0min")],
)
def test_format_runtime(minutes: int, shown: str) -> None:
    assert format_runtime(minutes) == shown


def test_a_count_with_its_noun() -> None:
    assert [format_count(number, "rating") for number in (0, 1, 2, 1_200)] == [
        "0 ratings", "1 rating", "2 ratings", "1,200 ratings",
    ]  # fmt: skip
    assert [format_count(number, "entry", "entries") for number in (1, 3)] == ["1 entry", "3 entries"]
