"""The script that keeps the catalogues finds what is stale or wrong, in made-up ones and in the project's own."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "scripts" / "messages.py"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for package in ("bot", "cogs"):
        (tmp_path / package).mkdir()
    (tmp_path / "bot" / "texts.py").write_text(
        "# Translators: after a rating\n"
        "_('Saved.')\n"
        "ngettext('{count} film', '{count} films', n)\n"
        "pgettext('length', 'Short')\n"
    )
    (tmp_path / "cogs" / "films.py").write_text("gettext_lazy('Look a film up')\ngettext_noop('Rate')\n")
    return tmp_path


def test_messages_of_every_kind_are_extracted(script: dict[str, Any], project: Path) -> None:
    assert script["render_catalogue"](script["extract_messages"](project)).decode().split("\n\n", 1)[1] == (
        "#. after a rating\n#: bot/texts.py\n"
        'msgid "Saved."\nmsgstr ""\n\n'
        "#: bot/texts.py\n#, python-brace-format\n"
        'msgid "{count} film"\nmsgid_plural "{count} films"\nmsgstr[0] ""\nmsgstr[1] ""\n\n'
        "#: bot/texts.py\n"
        'msgctxt "length"\nmsgid "Short"\nmsgstr ""\n\n'
        "#: cogs/films.py\n"
        'msgid "Look a film up"\nmsgstr ""\n\n'
        "#: cogs/films.py\n"
        'msgid "Rate"\nmsgstr ""\n\n'
    )


def test_a_translation_follows_the_template_and_gives_the_same_file_each_time(
    script: dict[str, Any], project: Path
) -> None:
    template = script["extract_messages"](project)
    old = (
        b'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        b'msgid "Saved."\nmsgstr "Gespeichert."\n\nmsgid "Gone."\nmsgstr "Weg."\n'
    )
    once = script["render_catalogue"](script["update_translation"](old, template))
    assert b'msgid "Saved."\nmsgstr "Gespeichert."' in once
    assert b'msgid "Rate"\nmsgstr ""' in once
    assert b"Gone." not in once
    again = script["update_translation"](once, template)
    assert script["render_catalogue"](again) == once
    compiled = script["compile_catalogue"](again)
    assert b"Gespeichert." in compiled
    assert b"Rate" not in compiled
    assert script["compile_catalogue"](script["update_translation"](once, template)) == compiled


@pytest.mark.parametrize(
    ("message", "translation", "problem"),
    [
        ("Added {title}.", "{title} hinzugefügt.", None),
        ("Added {title}.", "", None),
        ("Added {title}.", "{titel} hinzugefügt.", "lacks title"),
        ("Added.", "{title} hinzugefügt.", "has title, which the message has not"),
        ("{day:%d} of {month}", "{day:%d}. {month}", None),
        ("Added {title}.", "{title hinzugefügt.", "expected '}' before end of string"),
        ("Added {}.", "", "the placeholder {} has no name"),
        (("{count} film", "{count} films"), ("ein Film", "{count} Filme"), None),
        (("{count} of {name}", "{count} of {name}"), ("eins", "{count} von {name}"), "'eins' lacks name"),
    ],
)
def test_placeholders_must_be_those_of_the_message(
    script: dict[str, Any], message: str | tuple[str, str], translation: str | tuple[str, str], problem: str | None
) -> None:
    catalogue = Catalog(locale="de")
    catalogue.add(message, translation)
    problems = list(script["find_problems"](catalogue))
    if problem is None:
        assert problems == []
    else:
        assert any(problem in found for found in problems), problems


def test_the_projects_own_catalogues_are_up_to_date(
    script: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["messages.py", "--check"])
    status = script["main"]()
    assert status == 0, capsys.readouterr().err
