"""Texts in the reader's language, from gettext catalogues; English is the source and needs none.

    from bot.core.text.i18n import _, ngettext

    _("Added {title} to your watchlist.").format(title=title)
    ngettext("{count} film", "{count} films", count).format(count=count)

Messages are whole sentences with named placeholders, which a translation can reorder. `scripts/messages.py` finds
the calls and keeps `bot/locales/marquee.pot`; docs/writing.md says how the English is written. `make messages`
compiles each translation into `bot/locales/<locale>/LC_MESSAGES/marquee.mo`, read when it is first used.
"""

import gettext as gettext_files
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

DOMAIN = "marquee"
SOURCE_LOCALE = "en"
"""The language that the messages in the code are written in."""
_NEIGHBOURS = {
    "es-419": ("es-MX", "es-AR", "es-CO", "es-CL"),
    "zh-TW": ("zh-HK",),
    "zh-HK": ("zh-TW",),
}
"""Regions whose texts are read before any other's in the same language, by the locale of Discord's client."""
_IDEOGRAPHIC = frozenset(("ja", "zh"))
"""Languages whose lists have the ideographic comma, by the CLDR's list patterns."""
LOCALES = Path(__file__).resolve().parents[2] / "locales"


@dataclass(frozen=True, slots=True)
class _Language:
    """What texts are read in: a locale as Discord names it, and its catalogue, None for English."""

    locale: str
    catalogue: gettext_files.GNUTranslations | None


_ENGLISH = _Language(SOURCE_LOCALE, None)
_current: ContextVar[_Language] = ContextVar("language", default=_ENGLISH)


def _(message: str) -> str:
    """Return the message in the current language."""
    catalogue = _current.get().catalogue
    return message if catalogue is None else catalogue.gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form of the message that `count` takes in the current language."""
    catalogue = _current.get().catalogue
    if catalogue is None:
        return singular if count == 1 else plural
    return catalogue.ngettext(singular, plural, count)


def pgettext(context: str, message: str) -> str:
    """Return the message in the current language, where one English word means several things.

    `context` tells translators which one: `pgettext("a film's length", "Short")`.
    """
    catalogue = _current.get().catalogue
    return message if catalogue is None else catalogue.pgettext(context, message)


def npgettext(context: str, singular: str, plural: str, count: int) -> str:
    """Return the form of the message that `count` takes in the current language; `context` as in `pgettext`."""
    catalogue = _current.get().catalogue
    if catalogue is None:
        return singular if count == 1 else plural
    return catalogue.npgettext(context, singular, plural, count)


def gettext_noop(message: str) -> str:
    """Return the message as it is, marked for translators: for constants, which `_` translates when shown."""
    return message


def get_locale() -> str:
    """Return the locale of the current language, such as `de` or `pt-BR`."""
    return _current.get().locale


def list_locale_keys(locale: str) -> tuple[str, ...]:
    """Return what texts that a reader of the locale understands may be marked with, best first.

    Its own region's come first, then those of its neighbours, then any in the language: `es-419` reads `es-MX`.
    """
    return tuple(dict.fromkeys((locale, *_NEIGHBOURS.get(locale, ()), locale.partition("-")[0])))


def get_title_languages() -> tuple[str, ...]:
    """Return the languages in which titles are shown to the reader, best first; none for English."""
    locale = get_locale()
    return () if locale.startswith(SOURCE_LOCALE) else list_locale_keys(locale)


def set_locale(locale: str) -> None:
    """Show texts in the locale's language from now on in this task; in English where it has no catalogue.

    `locale` is a name as Discord or BCP 47 has it, such as `de`, `pt-BR` or `es-419`.
    """
    _current.set(_find_language(locale))


def get_spoken_locale() -> str:
    """Return the current locale, or `en` where texts are in English for want of a catalogue."""
    current = _current.get()
    return current.locale if current.catalogue is not None else SOURCE_LOCALE


def get_list_separator() -> str:
    """Return what stands between the parts of a list in the current language: a comma, in ja and zh their own."""
    return "、" if get_spoken_locale().partition("-")[0] in _IDEOGRAPHIC else ", "


@contextmanager
def use_locale(locale: str) -> Iterator[None]:
    """Show texts in the locale's language within the block; `set_locale` says what a locale is."""
    token = _current.set(_find_language(locale))
    try:
        yield
    finally:
        _current.reset(token)


@lru_cache(maxsize=64)
def _find_language(locale: str) -> _Language:
    """Return the locale with its catalogue, which falls back to that of the language alone, else with none."""
    language, *territory = locale.replace("_", "-").split("-")
    catalogue: gettext_files.GNUTranslations | None = None
    if language.isalnum() and all(part.isalnum() for part in territory):  # nothing else is part of a path
        for name in dict.fromkeys((language, "_".join((language, *territory)))):
            file = LOCALES / name / "LC_MESSAGES" / f"{DOMAIN}.mo"
            if file.is_file():
                with file.open("rb") as stream:
                    found = gettext_files.GNUTranslations(stream)
                if catalogue is not None:
                    found.add_fallback(catalogue)
                catalogue = found
    return _Language(locale, catalogue)


def list_catalogues() -> dict[str, Path]:
    """Return the compiled catalogues by locale as BCP 47 has them, in order: `de`, `es-419`; English has none."""
    files = sorted(LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return {file.parent.parent.name.replace("_", "-"): file for file in files}
