"""Texts are read in the current language, and English costs nothing."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from bot.core.text import i18n
from bot.core.text.i18n import _, get_locale, gettext_noop, ngettext, npgettext, pgettext, use_locale


@pytest.fixture
def polish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    catalogue = Catalog(locale="pl")
    catalogue.add("Saved.", "Zapisano.")
    catalogue.add(("{count} film", "{count} films"), ("{count} film", "{count} filmy", "{count} filmów"))
    catalogue.add("Short", "Krótki", context="a film's length")
    catalogue.add(("{count} star", "{count} stars"), ("gwiazda", "gwiazdy", "gwiazd"), context="rating")
    file = tmp_path / "pl" / "LC_MESSAGES" / "marquee.mo"
    file.parent.mkdir(parents=True)
    with file.open("wb") as stream:
        write_mo(stream, catalogue)
    monkeypatch.setattr(i18n, "LOCALES", tmp_path)
    i18n._find_language.cache_clear()
    yield
    i18n._find_language.cache_clear()


def test_english_is_the_source() -> None:
    assert get_locale() == "en"
    assert _("Saved.") == gettext_noop("Saved.") == "Saved."
    assert [ngettext("{count} film", "{count} films", count).format(count=count) for count in (0, 1, 2)] == [
        "0 films",
        "1 film",
        "2 films",
    ]
    assert pgettext("a film's length", "Short") == "Short"
    assert npgettext("rating", "star", "stars", 1) == "star"


@pytest.mark.usefixtures("polish")
def test_a_catalogue_is_used_within_the_block_alone() -> None:
    with use_locale("pl"):
        assert (get_locale(), _("Saved.")) == ("pl", "Zapisano.")
        assert [ngettext("{count} film", "{count} films", count) for count in (1, 2, 5, 22)] == [
            "{count} film",
            "{count} filmy",
            "{count} filmów",
            "{count} filmy",
        ]
        assert (pgettext("a film's length", "Short"), _("Short")) == ("Krótki", "Short")
        assert npgettext("rating", "{count} star", "{count} stars", 5) == "gwiazd"
        assert _("Not translated yet.") == "Not translated yet."
        with use_locale("en-GB"):
            assert _("Saved.") == "Saved."
    assert (get_locale(), _("Saved.")) == ("en", "Saved.")


@pytest.mark.usefixtures("polish")
@pytest.mark.parametrize("locale", ["pl-PL", "pl_PL"])
def test_a_territory_without_a_catalogue_of_its_own_has_its_languages(locale: str) -> None:
    with use_locale(locale):
        assert _("Saved.") == "Zapisano."


@pytest.mark.usefixtures("polish")
@pytest.mark.parametrize("locale", ["xx", "", "../pl", "pl/../pl", "-"])
def test_an_unknown_locale_is_english(locale: str) -> None:
    with use_locale(locale):
        assert _("Saved.") == "Saved."


@pytest.mark.usefixtures("polish")
async def test_each_task_has_its_own_language() -> None:
    async def read(locale: str) -> str:
        with use_locale(locale):
            await asyncio.sleep(0)
            return _("Saved.")

    assert await asyncio.gather(read("pl"), read("en-US"), read("pl")) == ["Zapisano.", "Saved.", "Zapisano."]


def test_nothing_of_babel_is_imported() -> None:
    script = "import sys; from bot.core.text.i18n import _; _('Saved.'); print('babel' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
