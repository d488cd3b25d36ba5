import io

from PIL import Image

from bot.core.images import fonts
from bot.core.images.charts import histogram, ranking
from bot.reviews.top import RankedFilm
from bot.reviews.stars import StarTotals


def test_no_letter_of_the_histogram_is_a_box() -> None:
    (_, font) = fonts.runs("½", 22)[0]
    assert bytes(font.getmask("½")) != bytes(font.getmask("\ue000"))
    made = histogram(StarTotals((1, 0, 0, 0, 0, 0, 0, 2, 0, 1)))
    assert made.description is not None
    assert "½: 1" in made.description
    assert Image.open(io.BytesIO(made.fp.read())).size == (600, 180)


def test_titles_of_every_script_fit_into_the_ranking() -> None:
    titles = (
        "버닝",
        "千と千尋の神隠し",
        "باب الحديد",
        "A title that is far too long for the room there is " * 3,
        "ᚠᚢᚦ",
    )
    films = [RankedFilm(f"film-{at}", title, 2000, 3, 27, 4.5) for at, title in enumerate(titles)]
    made = ranking(films)
    assert Image.open(io.BytesIO(made.fp.read())).size == (640, 346)
    ten = ranking(films * 2)
    assert Image.open(io.BytesIO(ten.fp.read())).height < 1.1 * 640  # Discord shrinks what is high
    for title in titles:
        assert fonts.width(fonts.fitting(title, 24, 608)) <= 608
    assert "".join(piece for piece, _ in fonts.fitting("ᚠᚢᚦ", 26, 620)) == "futh"
