"""Reports of errors to Sentry, with as little in them as the log has: no text of an error, no value, no member."""

import logging
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any

import sentry_sdk
from sentry_sdk.transport import Transport
from sentry_sdk.utils import BadDsn

from bot.config import SettingsError
from bot.core.logs import describe_codes, get_earlier_error, get_message, get_record_error
from bot.core.text.i18n import _

FLUSH_SECONDS = 2.0
"""How long the end of the process may wait for reports that are not sent yet."""
UNREPORTED = ("sentry_sdk", "urllib3", "discord.gateway", "discord.shard")
"""Loggers whose errors are not reported: that it could not be reported, and connections that discord.py opens
again, which /metrics counts."""
_ROOT = Path(__file__).parents[1]


@contextmanager
def error_reports(dsn: str, transport: type[Transport] | Transport | None = None) -> Iterator[None]:
    """Send each error that is logged inside the block to Sentry, by default over HTTPS to the DSN's host.

    Raises SettingsError where the DSN can't be used.
    """
    try:
        # Without its integrations, which take along local variables, statements, requests, and the host's name.
        sentry_sdk.init(
            dsn,
            transport=transport,
            release=version("marquee-bot"),
            server_name="",
            default_integrations=False,
            auto_enabling_integrations=False,
            auto_session_tracking=False,
            include_local_variables=False,
            send_client_reports=False,
            max_breadcrumbs=0,
        )
    except BadDsn as error:
        raise SettingsError(
            _("SENTRY_DSN isn't a Sentry address. Copy the DSN from your project's settings.")
        ) from error
    handler = _SentryHandler(logging.ERROR)
    logging.root.addHandler(handler)
    try:
        yield
    finally:
        logging.root.removeHandler(handler)
        sentry_sdk.get_client().close(timeout=FLUSH_SECONDS)


class _SentryHandler(logging.Handler):
    """Turns records into reports."""

    def emit(self, record: logging.LogRecord) -> None:
        """Report the record; Sentry's client sends it from a thread of its own."""
        if record.name.startswith(UNREPORTED):
            return
        try:
            sentry_sdk.capture_event(build_event(record))  # type: ignore[arg-type]
        except Exception:
            self.handleError(record)


def build_event(record: logging.LogRecord) -> dict[str, Any]:
    """Return the report of a record: the message's first line, where it was logged, and the errors' places.

    Reports of the same error belong together, whatever its id.
    """
    error = get_record_error(record)
    errors = []
    while error is not None:
        errors.append(_describe_error(error))
        error = get_earlier_error(error)
    formatted, *_ = get_message(record).split("\n", 1)
    template = str(record.msg).partition("\n")[0]
    event: dict[str, Any] = {
        "level": record.levelname.lower(),
        "logger": record.name,
        "logentry": {"message": template, "formatted": formatted},
        "exception": {"values": errors[::-1]},
    }
    if (error_id := getattr(record, "error_id", None)) is not None:
        event["tags"] = {"error_id": error_id}
    return event


def _describe_error(error: BaseException) -> Mapping[str, Any]:
    return {
        "type": type(error).__qualname__,
        "module": type(error).__module__,
        "value": ", ".join(describe_codes(error)),
        "stacktrace": {"frames": _list_frames(error.__traceback__)},
    }


def _list_frames(first: TracebackType | None) -> list[dict[str, Any]]:
    frames = []
    for frame, line in traceback.walk_tb(first):
        path, module = Path(frame.f_code.co_filename), str(frame.f_globals.get("__name__", ""))
        frames.append(
            {
                # A path from the root of the file system tells the operator's name or folder.
                "filename": path.relative_to(_ROOT).as_posix() if path.is_relative_to(_ROOT) else path.name,
                "module": module,
                "function": frame.f_code.co_qualname,
                "lineno": line,
                "in_app": module.partition(".")[0] in ("bot", "cogs"),
            }
        )
    return frames
