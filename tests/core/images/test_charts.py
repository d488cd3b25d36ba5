import io

from PIL import Image

from bot.core.images import fonts
from bot.core.images.charts import LabelledBar, create_bar_chart, create_histogram

STAR_LABELS = ("½", "1", "1½", "2", "2½", "3", "3½", "4", "4½", "5")


def test_every_label_of_the_histogram_has_a_glyph() -> None:
    (_, font) = fonts.split_by_font("½", 22)[0]
    assert bytes(font.getmask("½")) != bytes(font.getmask("\ue000"))
    file = create_histogram((1, 0, 0, 0, 0, 0, 0, 2, 0, 1), STAR_LABELS, filename="stars.png", description="½: 1")
    assert file.description == "½: 1"
    assert Image.open(io.BytesIO(file.fp.read())).size == (600, 180)


def test_titles_of_every_script_fit_into_the_bar_chart() -> None:
    titles = (
        "버닝",
        "千と千尋の神隠し",
        "باب الحديد",
        "A title that is far too long for the room there is " * 3,
        "ᚠᚢᚦ",
    )

    def create(bars: list[LabelledBar]) -> Image.Image:
        file = create_bar_chart(bars, maximum=5, filename="top.png", description="The best")
        return Image.open(io.BytesIO(file.fp.read()))

    bars = [LabelledBar(f"{title} (2000)", 4.5) for title in titles]
    assert create(bars).size == (640, 346)
    assert create(bars * 2).height < 1.1 * 640  # Discord shrinks tall images
    for title in titles:
        assert fonts.measure_width(fonts.fit_text(title, 24, 608)) <= 608
    assert "".join(piece for piece, _ in fonts.fit_text("ᚠᚢᚦ", 26, 620)) == "futh"
