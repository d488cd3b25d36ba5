"""Stars and reviews as members give and read them."""

from bot.core.text.escaping import escape_line
from bot.films.models import Film
from bot.reviews.rating_form import ITEMS as FORM_ITEMS
from bot.reviews.rating_form import RateForm
from bot.reviews.reply_views import FORMS as REPLY_FORMS
from bot.reviews.reply_views import ITEMS as REPLY_ITEMS
from bot.reviews.report_views import FORMS as REPORT_FORMS
from bot.reviews.report_views import ITEMS as REPORT_ITEMS
from bot.reviews.review_pages import ITEMS as PAGE_ITEMS
from bot.reviews.review_views import ITEMS as ACTION_ITEMS

ITEMS = (*FORM_ITEMS, *PAGE_ITEMS, *ACTION_ITEMS, *REPLY_ITEMS, *REPORT_ITEMS)
FORMS = (RateForm, *REPLY_FORMS, *REPORT_FORMS)


def deleted(film: Film) -> str:
    """Say that the member's rating is gone."""
    title = escape_line(film.dated_title, 200)
    return f"Deleted: your stars and review of **{title}**. Your diary keeps that you saw it."
