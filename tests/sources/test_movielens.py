import gzip
from pathlib import Path

import pytest

from bot.core.errors import InvalidInputError
from bot.sources import movielens
from bot.sources.movielens import LinkedFilm
from tests.recommendations.world import iterate_ratings

MOVIES = 'movieId,title,genres\n1,"Lantern, The (1999)",Drama\n2,Tide (2004),Comedy\n3,Far (2010),War\n'
LINKS = "movieId,imdbId,tmdbId\n1,0000101,\n2,0000202,22\n3,0000303,33\n"
RATINGS = "userId,movieId,rating,timestamp\n7,1,4.5,0\n7,2,3,0\n9,1,0.5,0\n"


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def find_film(film: LinkedFilm) -> str | None:
    return {"tt0000101": "lantern", "tt0000202": "tide"}.get(film.ids.get("imdb", ""))


def test_a_folder_is_read_as_ratings_of_catalogue_films(tmp_path: Path) -> None:
    result = movielens.read(write(tmp_path, movies=MOVIES, links=LINKS, ratings=RATINGS), find_film)
    name = tmp_path.name[:40]
    assert sorted(iterate_ratings(result.ratings)) == [
        (f"{name}:7", "lantern", 4.5), (f"{name}:7", "tide", 3.0), (f"{name}:9", "lantern", 0.5),
    ]  # fmt: skip
    assert result.ratings.member_count == 2
    assert result.ratings.count_raters() == {"lantern": 2, "tide": 1}
    assert not result.problems.counts


def test_bad_rows_are_named_and_counted_and_the_rest_is_read(tmp_path: Path) -> None:
    bad = (
        "7,1,5,0\nx,1,4,0\n7,1\n8,2,4.2,0\n8,2,0,0\n8,99,4,0\n8,3,4,0\n8,3,2,0\n8,-1,4,0\n8,1,nan,0\n\n9,2,5.0,0\n"
    )
    result = movielens.read(write(tmp_path, movies=MOVIES, links=LINKS, ratings=RATINGS + bad), find_film)
    assert result.problems.counts == {
        "not a rating": 5,
        "not as many values as columns": 1,
        "a film that neither movies.csv nor links.csv names": 1,
        "a film rated again by the same member; the last rating counts": 1,
    }
    assert (result.unknown_films, result.unknown_film_ratings) == (1, 2)
    assert "ratings.csv:6: not a rating" in result.problems.examples
    assert {(member.split(":")[1], film): stars for member, film, stars in iterate_ratings(result.ratings)} == {
        ("7", "lantern"): 5.0, ("7", "tide"): 3.0, ("9", "lantern"): 0.5, ("9", "tide"): 5.0,
    }  # fmt: skip


def test_only_the_first_few_problems_of_a_kind_are_named(tmp_path: Path) -> None:
    folder = write(tmp_path, movies=MOVIES, links=LINKS, ratings=RATINGS + "a,b,c,d\n" * 500)
    result = movielens.read(folder, find_film)
    assert result.problems.counts["not a rating"] == 500
    assert len(result.problems.examples) == movielens.MAX_NAMED_PROBLEMS


@pytest.mark.parametrize("missing", ["movies", "links"])
def test_one_of_movies_and_links_is_enough(tmp_path: Path, missing: str) -> None:
    files = {"movies": MOVIES, "links": LINKS, "ratings": RATINGS}
    files.pop(missing)

    def by_either(film: LinkedFilm) -> str | None:
        return find_film(film) or {("The Lantern", 1999): "lantern", ("Tide", 2004): "tide"}.get(
            (film.title or "", film.year or 0)
        )

    result = movielens.read(write(tmp_path, **files), by_either)
    assert len(result.ratings) == 3
    assert result.problems.examples == [f"{missing}.csv: missing"]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "has no ratings.csv"),
        ({"ratings": RATINGS}, "neither movies.csv nor links.csv"),
        ({"ratings": "a,b\n1,2\n", "movies": MOVIES, "links": LINKS}, "no columns"),
    ],
)
def test_a_folder_that_is_not_movielens_is_refused(tmp_path: Path, files: dict[str, str], sentence: str) -> None:
    with pytest.raises(InvalidInputError, match=sentence):
        movielens.read(write(tmp_path, **files), find_film)
    with pytest.raises(InvalidInputError, match="not a folder"):
        movielens.read(tmp_path / "nowhere", find_film)


def test_gzipped_files_are_read_and_truncated_ones_up_to_the_damage(tmp_path: Path) -> None:
    write(tmp_path, movies=MOVIES, links=LINKS)
    packed = gzip.compress(RATINGS.encode())
    (tmp_path / "ratings.csv.gz").write_bytes(packed)
    assert len(movielens.read(tmp_path, find_film).ratings) == 3
    (tmp_path / "ratings.csv.gz").write_bytes(packed[:-9])
    assert sum(movielens.read(tmp_path, find_film).problems.counts.values()) == 1


def test_damage_inside_gzipped_files_is_reported(tmp_path: Path) -> None:
    write(tmp_path, movies=MOVIES, links=LINKS)
    header, *rows = RATINGS.splitlines(keepends=True)
    many = [rows[0], *(f"{member},7,4.0,{member * 7919 % 100_003}\n" for member in range(10, 20_000))]
    packed = bytearray(gzip.compress("".join([header, *many]).encode()))
    packed[len(packed) // 2 :: 97] = b"\xff" * len(packed[len(packed) // 2 :: 97])
    (tmp_path / "ratings.csv.gz").write_bytes(packed)
    problems = movielens.read(tmp_path, find_film).problems
    assert [kind for kind in problems.counts if kind.startswith("can't be read from here on")]
    for broken in (packed[:12], b"not packed at all"):
        (tmp_path / "ratings.csv.gz").write_bytes(broken)
        with pytest.raises(InvalidInputError, match=r"ratings\.csv can't be read"):
            movielens.read(tmp_path, find_film)


def test_progress_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(movielens, "RATINGS_BETWEEN_UPDATES", 2)
    counts: list[int] = []
    movielens.read(write(tmp_path, movies=MOVIES, links=LINKS, ratings=RATINGS), find_film, counts.append)
    assert counts == [2]


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("Lantern, The (1999)", ("The Lantern", 1999)),
        ("Avventura, L' (1960)", ("L'Avventura", 1960)),
        ("Tide", ("Tide", None)),
        ("2001 (1968) ", ("2001", 1968)),
        ("", ("", None)),
    ],
)
def test_titles_are_split_into_title_and_year(text: str, split: tuple[str, int | None]) -> None:
    assert movielens.split_title(text) == split
