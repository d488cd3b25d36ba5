"""Sentry reads of an error what the log does, and nothing else."""

import json
import logging
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from bot.config import SettingsError
from bot.core.discord.error_handler import log_error
from bot.error_reports import error_reports

DSN = "http://public-key@127.0.0.1:1/1"
TYPED = "what somebody typed"
ROOT = Path(__file__).parents[1]


class _Kept(Transport):
    """Keeps what would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        """Keep the envelope's event as it would go over the wire."""
        assert len(envelope.items) == 1
        self.events.append(json.loads(envelope.items[0].get_bytes()))


@pytest.fixture
def reported() -> Iterator[list[dict[str, Any]]]:
    transport = _Kept()
    with error_reports(DSN, transport):
        yield transport.events


def _store(review: str) -> None:
    try:
        raise sqlite3.OperationalError(f"no such column: {review}")
    except sqlite3.OperationalError as error:
        raise ValueError(review) from error


def test_an_error_is_reported_without_texts_and_values(reported: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match=TYPED) as caught:
        _store(TYPED)
    error_id = log_error("/rate", caught.value)
    (event,) = reported
    assert event["tags"] == {"error_id": error_id}
    assert event["logentry"]["formatted"] == f"error {error_id} in /rate"
    assert error_id not in event["logentry"]["message"]  # so that reports of one error belong together
    earlier, last = event["exception"]["values"]
    assert (earlier["type"], last["type"], last["value"]) == ("OperationalError", "ValueError", "")
    frame = last["stacktrace"]["frames"][-1]
    assert (frame["filename"], frame["function"]) == ("tests/test_error_reports.py", "_store")
    sent = json.dumps(event)
    for secret in (TYPED, socket.gethostname(), str(ROOT)):
        assert secret not in sent
    assert not {"user", "request", "extra", "modules"} & event.keys()
    assert not event.get("server_name")
    assert event.get("breadcrumbs", {"values": []}) == {"values": []}


def test_what_libraries_log_is_reported_as_it_is_logged(reported: list[dict[str, Any]]) -> None:
    log = logging.getLogger("asyncio")
    log.warning("slow")
    log.error("Task exception was never retrieved\nfuture: %s", TYPED, exc_info=ValueError(TYPED))
    logging.getLogger("urllib3").error("its own failure")
    logging.getLogger("discord.shard").error("Attempting a reconnect", exc_info=ConnectionError())
    (event,) = reported
    assert event["logentry"]["formatted"] == "Task exception was never retrieved"
    assert TYPED not in json.dumps(event)


def test_nothing_is_reported_afterwards(reported: list[dict[str, Any]]) -> None:
    with error_reports(DSN, transport := _Kept()):
        pass
    log_error("/rate", ValueError(TYPED))
    assert transport.events == []


def test_a_wrong_address_is_said() -> None:
    with pytest.raises(SettingsError, match="SENTRY_DSN"), error_reports("sentry.example/1"):
        pass
