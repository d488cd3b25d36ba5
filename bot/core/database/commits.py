"""Whether anything was committed for a piece of work, so that a later failure does not hide it.

Whoever does the work calls `watch_commits`; the database notes a commit in the record of whoever waits for it.
"""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class CommitRecord:
    """What was committed for a piece of work."""

    has_committed: bool = False


_record: ContextVar[CommitRecord | None] = ContextVar("commit_record", default=None)


def watch_commits() -> CommitRecord:
    """Begin a new record for the current task, and for those that it starts."""
    record = CommitRecord()
    _record.set(record)
    return record


def note_commit() -> None:
    """Note in the current record, if there is one, that a transaction is on the disk."""
    if (record := _record.get()) is not None:
        record.has_committed = True


def stop_watching_commits() -> None:
    """Leave the record of the task that started this one: what is stored here is not what that task does."""
    _record.set(None)
