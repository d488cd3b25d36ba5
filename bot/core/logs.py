"""The log: what an operator has to know, and nothing that anybody typed."""

import errno
import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TextIO

OWN_LOGGERS = ("bot", "cogs")
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_ERROR_CODE_ATTRIBUTES = ("sqlite_errorname", "sqlstate", "status", "code")


def configure_logging(level: str, format_name: str = "text", stream: TextIO | None = None) -> None:
    """Log to standard error, or to `stream`: Marquee's own messages from `level` on, libraries' from WARNING on.

    `format_name` is "text" for lines that people read, or "json" for an object a line (docs/hosting.md).

    Below WARNING libraries log what passes through them: aiosqlite each statement with its parameters, discord.py
    each event. No setting lets them, because reviews, notes and reasons are among it.
    """
    libraries_level = max(logging.WARNING, logging.getLevelName(level))
    handler = logging.StreamHandler(sys.stderr if stream is None else stream)
    handler.setFormatter(_JsonFormatter() if format_name == "json" else _TextFormatter(_FORMAT))
    # A library may set its loggers' level itself, as SQLAlchemy does for `echo`.
    handler.addFilter(lambda record: _is_own(record) or record.levelno >= libraries_level)
    logging.root.addHandler(handler)
    logging.root.setLevel(libraries_level)
    for name in OWN_LOGGERS:
        logging.getLogger(name).setLevel(level)
    # It logs a warning with the call's arguments for every retry; the caller logs the outcome once.
    logging.getLogger("stamina").setLevel(logging.ERROR)


def format_traceback(error: BaseException | None) -> str:
    """Return the frames, classes and codes of the error and of those that led to it, the earliest first.

    The error's own text is left out: it may contain what a member typed, or the row that could not be stored.
    """
    if error is None:
        return ""
    frames = "".join(traceback.format_tb(error.__traceback__))
    codes = describe_codes(error)
    in_brackets = f" ({', '.join(codes)})" if codes else ""
    return f"{format_traceback(get_earlier_error(error))}{frames}{type(error).__qualname__}{in_brackets}\n"


def get_earlier_error(error: BaseException) -> BaseException | None:
    """Return the error that led to this one, or None."""
    return error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def describe_codes(error: BaseException) -> list[str]:
    """Return the error's codes, such as SQLSTATE and HTTP status, which quote nobody."""
    codes = [
        f"{name} {code}" for name in _ERROR_CODE_ATTRIBUTES if (code := getattr(error, name, None)) is not None
    ]
    if isinstance(error, OSError) and error.errno is not None:
        codes.append(f"errno {errno.errorcode.get(error.errno, error.errno)}")
    return codes


class _TextFormatter(logging.Formatter):
    """Formats a record without the texts of errors, which libraries log too."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line and the error's traceback."""
        line = logging.makeLogRecord(
            record.__dict__
            | {"msg": get_message(record), "args": ()}
            | {"exc_info": None, "exc_text": None, "stack_info": None}
        )
        return f"{super().format(line)}\n{format_traceback(_get_error(record))}".rstrip("\n")


class _JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object, for programs that collect logs; it says the same as the text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: its time in UTC, level, logger and message, and the traceback of an error."""
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": get_message(record),
        }
        if (error := _get_error(record)) is not None:
            fields["error"] = type(error).__qualname__
            fields["traceback"] = format_traceback(error)
        return json.dumps(fields, ensure_ascii=False)


def get_message(record: logging.LogRecord) -> str:
    """Return the record's message, of a library's only the first line.

    The next ones show the error itself, as in asyncio's report of a task that failed.
    """
    message = record.getMessage()
    return message if _is_own(record) else message.partition("\n")[0]


def get_record_error(record: logging.LogRecord) -> BaseException | None:
    """Return the error that was logged with the record, or that it is about."""
    error: BaseException | None = getattr(record, "error", None)
    return error or _get_error(record)


def _get_error(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if record.exc_info else None


def _is_own(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in OWN_LOGGERS
