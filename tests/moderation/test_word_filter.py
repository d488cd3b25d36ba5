import resource
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import InvalidInputError
from bot.moderation.word_filter import (
    PATTERN_LENGTH_LIMIT,
    PATTERNS_LIMIT,
    WordRule,
    find_unusable_patterns,
    parse_words,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a grot", True), ("Grotty", True), ("grotto", False), ("groттo grot", True), ("softfizz", True),
        ("fizzy", False), ("foo bar", True), ("foobar", False), ("xmidy", True), ("BAAAD", True), ("grоt", True),
        ("g\u200brot", True), ("gró t", False), ("grót", True), ("fine", False), ("", False),
    ],
)  # fmt: skip
def test_words_match_as_in_automod(text: str, found: bool) -> None:
    rule = WordRule(("grot*", "*fizz", "foo bar", "*mid*"), ("ba+d", "(unclosed"), ("grotto",))
    assert (rule.find_match(text) is not None) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("gr0t", "grot"), ("GR07S", "grots"), ("f1sh", "fish"), ("f15h!", "fish"), ("f!sh", "fish"),
        ("p1um", "plum"),
        ("@pe", "ape"), ("a$5", "ass"), ("100", None), ("455", None), ("1 5h", None), ("apollo 13", None),
    ],
)  # fmt: skip
def test_digits_and_signs_count_as_the_letters_they_look_like(text: str, found: str | None) -> None:
    assert WordRule(("grot*", "fish", "plum", "ape", "ass", "loo", "is*")).find_match(text) == found


@pytest.mark.parametrize("unseen", [0x200B, 0x034F, 0xFE0F, 0x180B, 0x115F, 0x1160, 0x3164, 0xFFA0, 0xE0100])
def test_invisible_characters_do_not_hide_a_word(unseen: int) -> None:
    rule = WordRule(("grot*", "바보*"))
    assert rule.find_match(f"gr{chr(unseen)}otty") == "grotty"
    assert rule.find_match(f"이 바{chr(unseen)}보야") == "바보야"
    assert WordRule((f"gr{chr(unseen)}ot*",)).find_match("grotty") == "grotty"


def test_a_pattern_that_takes_for_ever_stops_no_other_rule() -> None:
    rule = WordRule(("grot",), ("(a+)+$", "ba+d"))
    assert rule.find_match("a" * 400 + "b") is None
    # Each pattern has its own limit, counted in the process's CPU time: however slow the machine is, the first
    # reaches it and the second does not, as long as there is time for both.
    deadline = time.monotonic() + 600
    assert rule.find_match("a" * 400 + "b bad", deadline) == "bad"
    # Once the time for all patterns is up, words are still looked for.
    assert rule.find_match("bad", deadline=0.0) is None
    assert rule.find_match("bad grot", deadline=0.0) == "grot"


@given(st.text(max_size=80))
def test_any_word_list_and_any_text_is_handled(text: str) -> None:
    words = parse_words("x," + text[:60])
    match = WordRule(words, (text,)).find_match(text)
    assert match is None or match


@pytest.mark.parametrize(
    "pattern",
    [
        "a{99999999}", "(?:a{1000}){1000}", r"\w{99999999}", "(?:(?:(?:a{99}){99}){99}){99}", r"\p{L}{1000}",
        "a" * (PATTERN_LENGTH_LIMIT + 1), "(unclosed", "(?<=a)b", r"(a)\1", "\ud800",
    ],
)  # fmt: skip
def test_a_pattern_that_is_too_large_or_invalid_is_refused_at_once(pattern: str) -> None:
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    assert find_unusable_patterns([pattern, "ba+d"]) == [pattern]
    rule = WordRule((), (pattern, "ba+d"))
    assert rule.find_match("a" * 400 + " baaad") == "baaad"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\bпривет\b", "о, привет!"), (r"\d{3}-\d{4}", "555-0100"), (r"(?i)BA+D", "baad"),
        ("[a-z]{1,50}x", "abx"), (r"(?:f+[\W_]*)(?:o+[\W_]*){2}", "f-o_o"), (r"\p{Cyrillic}+", "слово"),
        (r"^spam\s*$", "spam "),
    ],
)  # fmt: skip
def test_patterns_as_servers_have_them_are_checked(pattern: str, text: str) -> None:
    assert find_unusable_patterns([pattern]) == []
    assert WordRule((), (pattern,)).find_match(text) is not None


def test_a_servers_patterns_have_a_total_size() -> None:
    large = [rf"{letter}\w{{900}}" for letter in "abcdefghij"]
    unusable = find_unusable_patterns([*large, "ba+d"])
    assert unusable == large[5:]
    many = [f"word{number}" for number in range(PATTERNS_LIMIT + 2)]
    assert find_unusable_patterns(many) == many[-2:]


def test_a_list_of_words_has_each_once_and_is_never_empty_by_mistake() -> None:
    assert parse_words("fool*, Foo,foo , *,\n grot") == ("fool*", "Foo", "grot")
    for text in ("", ", ,", "**", " * ,*"):
        with pytest.raises(InvalidInputError, match="Enter words separated by commas, or “none”"):
            parse_words(text)
