"""What a job is: something done in Discord once, by whichever process claims it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

LEASE = timedelta(seconds=90)
"""How long the claim of a job holds: longer than a job may take."""
Kind = TypeVar("Kind", bound=str)


@dataclass(frozen=True, slots=True)
class Job(Generic[Kind]):
    """A claimed job. `subject_id` is the id of what it is about, such as a pick or a film night.

    It was due at `due_at`. `is_reclaimed` means that an earlier claim was never settled, so the job may have been
    done already, at any time since `first_claimed_at`.
    """

    id: int
    server_id: int
    kind: Kind
    subject_id: int
    token: str
    first_claimed_at: datetime
    due_at: datetime
    is_reclaimed: bool = False
