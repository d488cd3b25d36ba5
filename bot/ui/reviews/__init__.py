"""Stars and reviews as members give and read them."""

from bot.films.film import Film
from bot.ui.reviews.actions import ITEMS as ACTION_ITEMS
from bot.ui.reviews.form import ITEMS as FORM_ITEMS
from bot.ui.reviews.form import RateForm
from bot.ui.reviews.pages import ITEMS as PAGE_ITEMS
from bot.ui.reviews.replies import FORMS as REPLY_FORMS
from bot.ui.reviews.replies import ITEMS as REPLY_ITEMS
from bot.ui.reviews.report import FORMS as REPORT_FORMS
from bot.ui.reviews.report import ITEMS as REPORT_ITEMS
from bot.ui.text import plain

ITEMS = (*FORM_ITEMS, *PAGE_ITEMS, *ACTION_ITEMS, *REPLY_ITEMS, *REPORT_ITEMS)
FORMS = (RateForm, *REPLY_FORMS, *REPORT_FORMS)


def deleted(film: Film) -> str:
    """Say that the member's rating is gone."""
    title = plain(film.dated_title, 200)
    return f"Deleted: your stars and review of **{title}**. Your diary keeps that you saw it."
