"""The rules for posting, on plain values."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.core.errors import InvalidInputError
from bot.moderation.models import HiddenBy
from bot.reviews.models import (
    Draft,
    RecordedViewing,
    Reply,
    Review,
    ReviewPage,
    SortOrder,
    apply_draft,
    clean_limited_text,
    find_same_viewing,
    is_new_text,
    needs_moderator_review,
)

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(days=3)
TODAY, YESTERDAY = NOW.date(), NOW.date() - timedelta(days=1)
REVIEW = Review(7, 100, 1, "salt-2011", 8, "Slow.", True, EARLIER, helpful_count=2)
DRAFT = Draft(100, 1, "salt-2011", 5)


def test_a_first_draft_becomes_a_review() -> None:
    review = apply_draft(replace(DRAFT, text="Rain.", is_spoiler=True), None, now=NOW, needs_review=False)
    assert review == Review(0, 100, 1, "salt-2011", 5, "Rain.", True, NOW, text_written_at=NOW)
    assert apply_draft(DRAFT, None, now=NOW, needs_review=False).text == ""


def test_a_draft_without_text_and_spoiler_mark_keeps_the_stored_ones() -> None:
    review = apply_draft(DRAFT, REVIEW, now=NOW, needs_review=False)
    assert review == replace(REVIEW, half_stars=5, edited_at=NOW)


def test_an_empty_text_removes_the_stored_one() -> None:
    review = apply_draft(replace(DRAFT, text="", is_spoiler=False), REVIEW, now=NOW, needs_review=False)
    assert (review.text, review.is_spoiler, review.text_edited_at) == ("", False, NOW)


@pytest.mark.parametrize(
    ("stored", "posted", "is_edited"),
    [("Slow.", "Fast.", True), ("Slow.", "Slow.", False), ("Slow.", None, False), ("", "First words.", False)],
)
def test_only_a_text_in_place_of_another_counts_as_edited(
    stored: str, posted: str | None, is_edited: bool
) -> None:
    review = apply_draft(replace(DRAFT, text=posted), replace(REVIEW, text=stored), now=NOW, needs_review=False)
    assert review.text_edited_at == (NOW if is_edited else None)
    assert review.text_written_at == (NOW if posted not in (None, stored) else None)


def test_a_review_stays_hidden_and_may_need_approval() -> None:
    hidden = replace(REVIEW, hidden_by=HiddenBy.REPORTS)
    assert apply_draft(DRAFT, hidden, now=NOW, needs_review=False).hidden_by is HiddenBy.REPORTS
    assert apply_draft(DRAFT, hidden, now=NOW, needs_review=True).hidden_by is HiddenBy.PRE_MODERATION
    assert apply_draft(DRAFT, None, now=NOW, needs_review=True).hidden_by is HiddenBy.PRE_MODERATION


@pytest.mark.parametrize(
    ("text", "existing", "is_new"),
    [
        ("Rain.", None, True),
        ("", None, False),
        (None, None, False),
        ("Rain.", replace(REVIEW, text=""), True),
        ("Rain.", REVIEW, False),
        ("Rain.", replace(REVIEW, text="", hidden_by=HiddenBy.PRE_MODERATION), False),
    ],
)
def test_text_is_new_where_there_was_none(text: str | None, existing: Review | None, is_new: bool) -> None:
    assert is_new_text(text, existing) == is_new
    assert needs_moderator_review(text, existing, was_taken_down=True) == is_new
    assert not needs_moderator_review(text, existing, was_taken_down=False)


@pytest.mark.parametrize(
    ("text", "needs_review"), [("Ruder.", True), ("Slow.", False), ("", False), (None, False)]
)
@pytest.mark.parametrize("was_taken_down", [True, False])
def test_new_text_in_a_review_that_a_moderator_hid_needs_approval(
    text: str | None, needs_review: bool, was_taken_down: bool
) -> None:
    review = replace(REVIEW, hidden_by=HiddenBy.MODERATOR)
    reply = Reply(3, 1, "Slow.", EARLIER, hidden_by=HiddenBy.MODERATOR)
    for existing in (review, reply):
        assert needs_moderator_review(text, existing, was_taken_down=was_taken_down) == needs_review


def viewing(number: int, day: date | None, age: timedelta = timedelta(days=9)) -> RecordedViewing:
    return RecordedViewing(number, day, NOW - age)


@pytest.mark.parametrize(
    ("viewings", "day", "same"),
    [
        ([], None, None),
        ([], TODAY, None),
        ([viewing(2, YESTERDAY), viewing(1, None)], None, 2),  # without a day it is about the latest
        ([viewing(2, TODAY), viewing(1, YESTERDAY)], YESTERDAY, 1),
        ([viewing(2, TODAY)], YESTERDAY, None),
        ([viewing(1, None, timedelta(hours=23))], TODAY, 1),  # the day says when the rating's viewing was
        ([viewing(1, None, timedelta(hours=25))], TODAY, None),
        ([viewing(2, YESTERDAY), viewing(1, None, timedelta(hours=1))], TODAY, 1),
    ],
)
def test_the_viewing_that_a_rating_belongs_to(
    viewings: list[RecordedViewing], day: date | None, same: int | None
) -> None:
    found = find_same_viewing(viewings, day, NOW)
    assert (found.id if found is not None else None) == same


def test_a_text_is_stripped_and_refused_if_too_long() -> None:
    assert clean_limited_text("  Rain. \n", 5) == "Rain."
    with pytest.raises(InvalidInputError, match=r"That's 6 characters\. Shorten it to 5\."):
        clean_limited_text("Rain..", 5)


@pytest.mark.parametrize(("page", "on_page", "first"), [(0, 3, 1), (1, 3, 4), (2, 1, 7)])
def test_reviews_are_numbered_over_all_pages(page: int, on_page: int, first: int) -> None:
    assert ReviewPage((REVIEW,) * on_page, 7, page, SortOrder.NEWEST).first_number == first
