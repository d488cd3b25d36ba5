"""Members and servers that speak other languages, and made-up ones that show what is translated for whom."""

import gettext
import re
from collections.abc import Iterator
from typing import Any

import pytest
import simcord.interactions
from simcord.http import router

from bot.core.text import i18n

MEMBER, SERVER = "fi", "sv-SE"
"""Locales that get a made-up catalogue: what members read is in ⟪ ⟫, what a server reads in ⟦ ⟧."""
BRACKETS = {MEMBER: "⟪⟫", SERVER: "⟦⟧"}
EPHEMERAL = 64
"""Discord's flag of a message that only one member sees."""
_MARKED = re.compile(r"[⟪⟦][^⟪⟫⟦⟧]*(?:[⟫⟧]|$)")
_MARKUP = re.compile(
    r"<[^>]*>|`[^`]*`|\(?https?://\S+|attachment://\S+|^-# |\d+\.? \w+\.? \d{4}|\d+\. ", re.MULTILINE
)
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_NOT_SHOWN = frozenset(
    (
        "custom_id",
        "url",
        "id",
        "nonce",
        "filename",
        "proxy_url",
        "icon_url",
        "emoji",
        "type",
        "avatar",
        "content_type",
    )
)


class PseudoCatalogue(gettext.GNUTranslations):
    """A catalogue in which every message is itself, a third longer, and in brackets."""

    def __init__(self, brackets: str) -> None:
        self._brackets = brackets

    def _mark(self, text: str) -> str:
        opening, closing = self._brackets
        return f"{opening}{text}{'~' * (len(text) // 3)}{closing}"

    def gettext(self, message: str) -> str:
        return self._mark(message)

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return self._mark(singular if count == 1 else plural)

    def pgettext(self, context: str, message: str) -> str:
        return self._mark(message)

    def npgettext(self, context: str, singular: str, plural: str, count: int) -> str:
        return self._mark(singular if count == 1 else plural)


def speak(monkeypatch: pytest.MonkeyPatch, *, member: str, server: str) -> None:
    """Let all members' clients be in one language, and all servers in another: SimCord knows only English."""
    build = simcord.interactions.base_payload

    def build_spoken(backend: Any, **rest: Any) -> tuple[Any, dict[str, Any]]:
        record, payload = build(backend, **rest)
        payload["locale"] = member
        if "guild_locale" in payload:
            payload["guild_locale"] = server
        return record, payload

    monkeypatch.setattr(simcord.interactions, "base_payload", build_spoken)


def add_pseudo_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give `MEMBER` and `SERVER` their made-up catalogues."""
    find = i18n._find_language

    def find_with_pseudo(locale: str) -> Any:
        if locale in BRACKETS:
            return i18n._Language(locale, PseudoCatalogue(BRACKETS[locale]))
        return find(locale)

    monkeypatch.setattr(i18n, "_find_language", find_with_pseudo)


class LanguageWatch:
    """Looks at everything that the bot sends: in whose language each text is, and what is in none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, known: str) -> None:
        """Watch from now on. `known` has what needs no translation: titles, people, names."""
        self.problems: list[str] = []
        self.seen = {MEMBER: 0, SERVER: 0}
        self._known = known.casefold()
        self._is_private: dict[str, bool] = {}
        dispatch = router.dispatch

        def watch(backend: Any, method: str, path: str, *, json: Any = None, **rest: Any) -> Any:
            if isinstance(json, dict) and method in ("POST", "PATCH"):
                self._look_at(path, json)
            return dispatch(backend, method, path, json=json, **rest)

        monkeypatch.setattr(router, "dispatch", watch)

    def _look_at(self, path: str, body: dict[str, Any]) -> None:
        expected = self._find_reader(path, body)
        if expected == "":
            return
        for text in _list_texts(body.get("data", body)):
            for locale, (opening, _closing) in BRACKETS.items():
                if opening in text:
                    self.seen[locale] += 1
                    if expected not in (locale, None):
                        self.problems.append(f"{text!r} is read by {expected}")
            rest = text
            while (stripped := _MARKED.sub(" ", rest)) != rest:
                rest = stripped
            for part in re.split(r"[·,;:|()\[\]\n*★“”~✕]+", _MARKUP.sub(" ", rest.replace("\xa0", " "))):
                if _LETTERS.search(part) and part.strip().casefold() not in self._known:
                    self.problems.append(f"{part.strip()!r} in {text!r} is in no language")

    def _find_reader(self, path: str, body: dict[str, Any]) -> str | None:
        """Return in whose language the message must be, None if that is not known, "" if it is no message."""
        if match := re.match(r"/interactions/\d+/(\w+)/callback", path):
            kind, flags = body["type"], (body.get("data") or {}).get("flags") or 0
            if kind in (4, 5):
                self._is_private[match[1]] = bool(flags & EPHEMERAL)
                return MEMBER if flags & EPHEMERAL else SERVER
            return MEMBER if kind in (8, 9) else None
        if match := re.match(r"/webhooks/\d+/(\w+)(/messages/@original)?", path):
            if match[2]:
                private = self._is_private.get(match[1])
                return None if private is None else MEMBER if private else SERVER
            return MEMBER if (body.get("flags") or 0) & EPHEMERAL else SERVER
        return SERVER if re.match(r"/channels/\d+/messages", path) else ""


def _list_texts(value: Any) -> Iterator[str]:
    """Yield the texts that a reader sees of a message."""
    if isinstance(value, dict):
        for name, inner in value.items():
            is_choice = name == "value" and ("label" in value or "inline" not in value)
            if name not in _NOT_SHOWN and not is_choice:
                yield from _list_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _list_texts(inner)
    elif isinstance(value, str):
        yield value
