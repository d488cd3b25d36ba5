"""The settings of one Marquee process. Nothing else reads the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values
from platformdirs import user_data_path

from bot.core.text.i18n import SOURCE_LOCALE, _

_SHARDS = re.compile(r"(?:([0-9]{1,5})(?:-([0-9]{1,5}))?/)?([0-9]{1,5})")
HEALTH_HOST = "127.0.0.1"
"""Where the bot says whether it works, on the port HEALTH_PORT."""
LOG_FORMATS = ("text", "json")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class SettingsError(Exception):
    """A setting can't be used; the message is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Shards:
    """The shards that this process runs: the ones numbered `ids` of `count`, or all where `ids` is None.

    A `count` of None leaves the number to Discord.
    """

    count: int | None = 1
    ids: tuple[int, ...] | None = None


LETTERBOXD_URL = "https://letterboxd.com"
STANDIN_SETTING = "DISCORD_STANDIN_URL"
"""Only tests set it: CONTRIBUTING.md says what for."""
"""Where members' feeds are read by default."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can set. `.env.example` explains each setting."""

    database_url: str = field(repr=False)
    data_dir: Path
    database_pool_size: int = 5
    discord_token: str | None = field(default=None, repr=False)
    shards: Shards = Shards()
    log_level: str = "INFO"
    log_format: str = "text"
    tmdb_token: str | None = field(default=None, repr=False)
    health_port: int | None = None
    adapts_recommendations: bool = True
    backup_dir: Path | None = None
    backup_keep: int = 14
    letterboxd_url: str | None = None
    sentry_dsn: str | None = field(default=None, repr=False)
    discord_standin_url: str | None = None

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Return the settings in `environ`, by default in the process's environment and, below it, in
        the file `.env` of the folder that the process was started in.

        Raises SettingsError naming the setting that can't be used.
        """
        if environ is None:
            environ = _read_env_file(Path.cwd() / ".env") | os.environ
        values = {name: value.strip() for name, value in environ.items() if value.strip()}
        data_dir = _parse_folder(values.get("MARQUEE_DATA_DIR"))
        level = values.get("LOG_LEVEL", "INFO").upper()
        if level not in LOG_LEVELS:
            raise _not_one_of("LOG_LEVEL", LOG_LEVELS, level)
        log_format = values.get("LOG_FORMAT", "text").lower()
        if log_format not in LOG_FORMATS:
            raise _not_one_of("LOG_FORMAT", LOG_FORMATS, log_format)
        backup_dir = values.get("BACKUP_DIR")
        return cls(
            database_url=database_url(values.get("DATABASE_URL"), data_dir / "marquee.db"),
            data_dir=data_dir,
            database_pool_size=_parse_count("DATABASE_POOL_SIZE", values.get("DATABASE_POOL_SIZE", "5")),
            discord_token=values.get("DISCORD_TOKEN"),
            shards=_parse_shards(values.get("SHARDS", "1")),
            log_level=level,
            log_format=log_format,
            tmdb_token=values.get("TMDB_TOKEN"),
            health_port=_parse_port("HEALTH_PORT", values.get("HEALTH_PORT")),
            adapts_recommendations=_parse_switch(
                "ADAPT_RECOMMENDATIONS", values.get("ADAPT_RECOMMENDATIONS", "on")
            ),
            backup_dir=None if backup_dir is None else _expand_home("BACKUP_DIR", backup_dir).absolute(),
            backup_keep=_parse_count("BACKUP_KEEP", values.get("BACKUP_KEEP", "14")),
            letterboxd_url=_parse_letterboxd_url(values.get("LETTERBOXD_URL", LETTERBOXD_URL)),
            sentry_dsn=values.get("SENTRY_DSN"),
            discord_standin_url=_parse_standin_url(values.get(STANDIN_SETTING)),
        )


KNOWN_SETTINGS = (
    "ADAPT_RECOMMENDATIONS", "BACKUP_DIR", "BACKUP_KEEP", "DATABASE_POOL_SIZE", "DATABASE_URL", "DISCORD_TOKEN",
    "HEALTH_PORT", "LETTERBOXD_URL", "LOG_FORMAT", "LOG_LEVEL", "MARQUEE_DATA_DIR", "SENTRY_DSN", "SHARDS",
    "TMDB_TOKEN", STANDIN_SETTING,
)  # fmt: skip
"""What `.env` can set."""


def list_unknown_settings(folder: Path) -> list[str]:
    """Return what the file `.env` of the folder sets that is no setting, in the file's order."""
    return [name for name in _read_env_file(folder / ".env") if name not in KNOWN_SETTINGS]


def operator_locale(environ: Mapping[str, str] | None = None) -> str:
    """Return the locale, as BCP 47 has it, of the texts for who runs a command: `de-DE` for LANG=de_DE.UTF-8.

    By default the process's environment says so; a file `.env` is about the bot, not about who runs it.
    """
    environ = os.environ if environ is None else environ
    text = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    name = re.split(r"[.@]", text)[0].replace("_", "-")
    return SOURCE_LOCALE if name in ("", "C", "POSIX") else name


def database_url(url: str | None, default: Path) -> str:
    """Return the SQLAlchemy URL of `url`, or of the SQLite file `default` where there is none.

    A path that begins with `~` is in the home folder. Raises SettingsError where the URL is neither SQLite's nor
    PostgreSQL's, names no file, or can't be told apart from its password.
    """
    if not url:
        return f"sqlite+aiosqlite:///{default}"
    scheme, separator, rest = url.partition("://")
    drivers = {
        "sqlite": "sqlite+aiosqlite",
        "sqlite+aiosqlite": "sqlite+aiosqlite",
        "postgres": "postgresql+asyncpg",
        "postgresql": "postgresql+asyncpg",
        "postgresql+asyncpg": "postgresql+asyncpg",
    }
    if not separator or scheme not in drivers:
        raise SettingsError(
            _("DATABASE_URL must start with sqlite:/// or postgresql://. Leave it out to use a file.")
        )
    path = rest.partition("?")[0]
    if scheme.startswith("sqlite"):
        if not path.startswith("/") or path in ("/", "/:memory:") or path.startswith("/file:"):
            raise SettingsError(
                _("DATABASE_URL has no file path. Write it after sqlite:///, or leave the setting out.")
            )
        if path.startswith("/~"):
            rest = f"/{_expand_home('DATABASE_URL', path[1:])}{rest[len(path) :]}"
    elif path.count("@") > 1:
        # What stands behind the first @ would be taken for the host's name, and shown.
        raise SettingsError(_("DATABASE_URL has more than one @: write each @ in the password as %40."))
    return f"{drivers[scheme]}://{rest}"


def _not_one_of(name: str, values: tuple[str, ...], text: str) -> SettingsError:
    message = _("{name} must be one of {values}, not {value}.")
    return SettingsError(message.format(name=name, values=", ".join(values), value=repr(text)))


def _not_a_number(name: str, last: int, text: str) -> SettingsError:
    message = _("{name} must be a whole number from 1 to {last}, not {value}.")
    return SettingsError(message.format(name=name, last=last, value=repr(text)))


def _parse_switch(name: str, text: str) -> bool:
    """Return whether the setting is on. Raises SettingsError where it is neither on nor off."""
    if text.lower() not in ("on", "off"):
        raise SettingsError(_("{name} must be on or off, not {value}.").format(name=name, value=repr(text)))
    return text.lower() == "on"


def _read_env_file(path: Path) -> dict[str, str]:
    """Return the values of the `.env` file, none where there is no file.

    Raises SettingsError where it can't be read.
    """
    try:
        return {name: value or "" for name, value in dotenv_values(path).items()}
    except UnicodeDecodeError as error:
        raise SettingsError(_("{file} can't be read: save it as UTF-8 text.").format(file=path)) from error
    except OSError as error:
        raise SettingsError(
            _("{file} can't be read: {reason}.").format(file=path, reason=error.strerror)
        ) from error


def _parse_folder(text: str | None) -> Path:
    """Return the folder for databases and indexes. Raises SettingsError where `~name` is nobody's home."""
    return _expand_home("MARQUEE_DATA_DIR", text or str(user_data_path("marquee"))).absolute()


def _expand_home(name: str, path: str) -> Path:
    """Return the path with the home folder that `~` stands for. Raises SettingsError where there is none."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise SettingsError(
            _("{name} is {value}, but there's no such home folder.").format(name=name, value=repr(path))
        ) from error


def _parse_count(name: str, text: str) -> int:
    """Return the number from 1 to 999 that the setting `name` has. Raises SettingsError."""
    if not (text.isascii() and text.isdecimal() and 1 <= len(text) <= 3 and int(text)):
        raise _not_a_number(name, 999, text)
    return int(text)


def _parse_port(name: str, text: str | None) -> int | None:
    """Return the port, None where there is no text. Raises SettingsError."""
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and 0 < int(text) < 65_536):
        raise _not_a_number(name, 65_535, text)
    return int(text)


def _parse_standin_url(text: str | None) -> str | None:
    """Return the address of what tests put in Discord's place. Raises SettingsError for one beyond this machine.

    The token goes there, so that no other address will do.
    """
    if text is not None and not re.fullmatch(r"http://127\.0\.0\.1:\d{1,5}", text):
        raise SettingsError(f"{STANDIN_SETTING} is for tests alone: an address such as http://127.0.0.1:8000.")
    return text


def _parse_letterboxd_url(text: str) -> str | None:
    """Return the address, None for `off`. Raises SettingsError for anything but an HTTP address."""
    if text.lower() == "off":
        return None
    if not re.fullmatch(r"https?://[a-zA-Z0-9.:\[\]-]+/?", text):
        raise SettingsError(_("LETTERBOXD_URL must be an address such as https://letterboxd.com, or off."))
    return text.rstrip("/")


def _parse_shards(text: str) -> Shards:
    """Return the shards of `auto`, `8` (all of eight), `2/8` (one of eight) or `0-3/8` (four of eight)."""
    if text.lower() == "auto":
        return Shards(count=None)
    if (match := _SHARDS.fullmatch(text)) is not None:
        first, last, count = match.groups()
        ids = tuple(range(int(first), int(last or first) + 1)) if first else None
        if int(count) and (ids is None or (ids and ids[-1] < int(count))):
            return Shards(int(count), ids)
    raise SettingsError(
        _("SHARDS must be 1 or more, auto, or a range such as 0-3/8, not {value}.").format(value=repr(text))
    )
