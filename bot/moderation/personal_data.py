"""What moderation stores about a member: reports, blocks, and entries of the log.

A block stays after a deletion: it is the moderators', and deleting one's data would end it. So do the log's
entries, which name nobody once their row in `log_subjects` is deleted.
"""

from typing import Any

from sqlalchemy import Select, and_, select

from bot.members.personal_data import ExportedRows, PersonalData, export_table
from bot.moderation.tables import blocks, log_subjects, moderation_log, reply_reports, reports


def _select_entries_about(member_id: int) -> Select[Any]:
    """Return the statement that selects the log's entries about the member, without the moderator who decided."""
    columns = ("server_id", "action", "film_id", "rating_id", "reason", "created_at", "reply_id")
    subject = and_(
        log_subjects.c.server_id == moderation_log.c.server_id, log_subjects.c.subject == moderation_log.c.subject
    )
    return (
        select(*(moderation_log.c[name] for name in columns))
        .join(log_subjects, subject)
        .where(log_subjects.c.member_id == member_id)
        .order_by(moderation_log.c.id)
    )


def _select_entries_by(member_id: int) -> Select[Any]:
    """Return the statement that selects the log's entries of decisions that the member made."""
    return select(moderation_log).where(moderation_log.c.actor_id == member_id).order_by(moderation_log.c.id)


PERSONAL_DATA = PersonalData(
    exported_rows=(
        export_table(reply_reports, 50),
        export_table(reports, 60),
        export_table(blocks, 80),
        ExportedRows(moderation_log.name, 190, _select_entries_about),
        ExportedRows("moderation_by_you", 210, _select_entries_by),
    ),
    deleted_tables=(reply_reports, reports, log_subjects),
)
