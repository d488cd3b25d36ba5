import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.search.heads import STRIDE, head, span

LETTERS = st.text("ab9z", max_size=16)


@given(st.lists(LETTERS, max_size=400), st.text("ab9z", min_size=1, max_size=15))
def test_a_span_holds_all_that_begin_so(entries: list[str], letters: str) -> None:
    entries = sorted(entries * 3)
    heads = np.array([head(entry) for entry in entries[::STRIDE]], np.uint64)
    low, high = span(letters, heads, len(entries), entries.__getitem__)
    assert entries[low:high] == [entry for entry in entries if entry.startswith(letters)]


@given(LETTERS, LETTERS)
def test_heads_sort_as_the_letters_do(one: str, other: str) -> None:
    first, second = sorted((one, other))
    assert head(first) <= head(second) < 2**64
