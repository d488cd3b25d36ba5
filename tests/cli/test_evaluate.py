"""`marquee evaluate` and `marquee import movielens`, as an operator uses them."""

from pathlib import Path

import pytest

from tests.cli.test_main import folder
from tests.command_line import marquee

__all__ = ["folder"]


def test_a_movielens_folder_is_imported(folder: Path) -> None:
    place = folder / "ml"
    place.mkdir()
    (place / "movies.csv").write_text("movieId,title,genres\n1,Ballerina (2023),Action\n2,Nowhere (1901),War\n")
    (place / "links.csv").write_text("movieId,imdbId,tmdbId\n1,,961268\n2,0000007,\n")
    (place / "ratings.csv").write_text("userId,movieId,rating,timestamp\n1,1,4.0,0\n1,2,4.0,0\n2,1,9,0\n")
    done = marquee("import", "movielens", str(place), folder=folder)
    assert done.stdout.splitlines() == [
        "1 rating loaded (films: 1, members: 1)",
        "1 film isn't in the catalogue (ratings: 1)",
    ]
    assert "ratings.csv:4: not a rating" in done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["import", "movielens", "nowhere"], "nowhere is not a folder."),
        (["evaluate", "nowhere.csv"], "nowhere.csv can't be read"),
        (["evaluate", "empty.csv"], "columns member, film, stars"),
        (["evaluate", "few.csv"], "Too few ratings to measure"),
        (["evaluate", "few.csv", "--known", "0"], "--known"),
    ],
)
def test_unusable_input_is_one_sentence(folder: Path, arguments: list[str], sentence: str) -> None:
    (folder / "empty.csv").write_text("")
    (folder / "few.csv").write_text("member,film,stars\nana,ballerina-2023,4\n")
    done = marquee(*arguments, folder=folder)
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 2


def test_own_ratings_are_evaluated(folder: Path) -> None:
    rows = ["member,film,stars", "ana,,4", "ana,x,7"]
    for member in range(40):
        rows += [f"m{member},f{n},{3 + (n + member) % 2 * 2 if (n + member) % 4 < 2 else 2}" for n in range(30)]
    (folder / "own.csv").write_text("\n".join(rows) + "\n")
    done = marquee("evaluate", "own.csv", "--known", "5", folder=folder)
    for name in ("popular", "item-kNN", "EASE", "ALS", "Marquee", "mean absolute error"):
        assert name in done.stdout
    assert "own.csv:2: no film" in done.stderr
    assert "2 rows skipped" in done.stderr
    assert done.returncode == 1


def test_a_whole_server_is_moved_from_another_bot(folder: Path) -> None:
    rows = [
        "server;member;film;year;stars;watched_on;rewatch;review;liked",
        "100;1;burning-2018;;4,5;2024-01-02;;Smoke.;yes",
        "100;1;tt7282468;;4,5;2025-01-02;yes;;",
        "100;2;Heat;1995;3;;;;",
        "100;2;Nothing of the kind;1950;3;;;;",
        "100;somebody;Heat;1995;3;;;;",
    ]
    (folder / "server.csv").write_text("\n".join(rows) + "\n")
    done = marquee("import", "ratings", "server.csv", folder=folder)
    assert done.stdout.splitlines() == [
        "2 members: 2 ratings, 2 diary entries, 1 review, 1 like",
        "1 film wasn't found or matches several. Members can settle it with `/import repair`.",
    ]
    assert "server.csv: row 6 needs the ids of a member" in done.stderr
    assert done.returncode == 1
    again = marquee("import", "ratings", "server.csv", folder=folder)
    assert "2 members: nothing new" in again.stdout
    (folder / "other.csv").write_text("member,film,stars\n1,burning-2018,4\n")
    refused = marquee("import", "ratings", "other.csv", folder=folder)
    assert "--server ID" in refused.stderr
    assert refused.returncode == 2
    done = marquee("import", "ratings", "other.csv", "--server", "200", folder=folder)
    assert (done.stdout, done.returncode) == ("1 member: 1 rating\n", 0)
