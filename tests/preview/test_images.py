"""The replies in TMDB's place, and what is drawn for them."""

import json
from xml.etree import ElementTree

from bot.preview.images import draw_avatar, find_film_images
from bot.preview.posters import draw_poster
from bot.preview.server import REPLAY_FOLDER
from bot.sources.starter import bundled_data_path
from bot.sources.tmdb.parse import parse_details, parse_streaming
from bot.sources.tmdb.replay import load_replies

TEXT = "{http://www.w3.org/2000/svg}text"


def test_the_films_of_the_replay_have_posters_texts_and_offers() -> None:
    replies = load_replies(bundled_data_path(REPLAY_FOLDER))
    bodies = [body for reply in replies for body in reply.bodies if "overview" in body and "images" in body]
    catalogue = [json.loads(line) for line in bundled_data_path("films.jsonl").read_text("utf-8").splitlines()]
    tmdb_ids = {film["ids"]["tmdb"]: film["title"] for film in catalogue if "tmdb" in film["ids"]}
    known = [body for body in bodies if tmdb_ids.get(body["id"]) == body["title"]]
    assert len(known) >= 20
    assert "Ballerina" in {body["title"] for body in known}
    for body in known:
        details, streaming = parse_details(body), parse_streaming(body["watch/providers"])
        assert details is not None
        english, german = details.get_text("en"), details.get_text("de")
        assert english.tagline
        assert len(english.overview) > 80
        assert german.overview not in ("", english.overview)
        assert streaming.countries["US"].services
        assert streaming.countries["DE"].services
    images = find_film_images(replies)
    assert len({path for path, _ in images.values()}) == len(images)
    for path, draw in images.values():
        assert path.startswith("film/")
        ElementTree.fromstring(draw())  # noqa: S314  # our own


def test_a_poster_shows_any_title_within_its_width() -> None:
    for title in ("Heat", "Tom & Jerry <3", "기생충", "Ai", "The Assassination of Jesse James", "W" * 60, ""):
        drawn = ElementTree.fromstring(draw_poster(title))  # noqa: S314
        lines = [element for element in drawn.iter(TEXT) if element.text]
        shown = "".join(element.text or "" for element in lines)
        assert shown.replace(" ", "") == title.upper().replace(" ", "")
        for line in lines:
            assert len(line.text or "") * float(line.attrib["font-size"]) * 0.7 < 600 - 44
    assert draw_poster("Heat", "rain-120-heat-poster") != draw_poster("Heat", "rain-10-heat-poster")
    assert draw_poster("Heat", "nothing-120-heat-poster") == draw_poster("Heat")
    assert b"&lt;" in draw_avatar("<", "#fff")
