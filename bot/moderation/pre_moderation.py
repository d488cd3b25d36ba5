"""Which posts' texts wait for the moderators: those that follow one of the same member's that was taken down."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import and_, select

from bot.core.database.transaction_script import Step, Steps, param
from bot.moderation.models import Action, taken_down
from bot.moderation.tables import log_subjects, moderation_log

Key = tuple[int, int, str]
"""Server, member and film."""

_DONE = (
    select(
        moderation_log.c.server_id,
        log_subjects.c.member_id,
        moderation_log.c.film_id,
        moderation_log.c.reply_id,
        moderation_log.c.action,
    )
    .select_from(
        log_subjects.join(
            moderation_log,
            and_(
                moderation_log.c.server_id == log_subjects.c.server_id,
                moderation_log.c.subject == log_subjects.c.subject,
            ),
        )
    )
    .where(
        log_subjects.c.server_id == param(log_subjects.c.server_id),
        log_subjects.c.member_id == param(log_subjects.c.member_id),
        moderation_log.c.film_id == param(moderation_log.c.film_id),
    )
    .order_by(moderation_log.c.id)
)
"""What was done about a member's reviews of a film and their replies to reviews of it, oldest first, as far as the
log knows whom it is about."""


def find_taken_down(asked: Sequence[Key], *, replies: bool = False) -> Steps[set[Key]]:
    """Give those of the members and films asked for of which the last review, or reply, was taken down.

    The log alone tells: where a member had their data deleted, nothing does any more.
    """
    if not asked:
        return set()
    done: dict[Key, list[Action]] = defaultdict(list)
    for row in (yield Step((_DONE,), [_given(key) for key in asked])):
        if (row.reply_id is not None) is replies:
            done[row.server_id, row.member_id, row.film_id].append(Action(row.action))
    return {key for key, actions in done.items() if taken_down(actions)}


def _given(key: Key) -> dict[str, int | str]:
    server_id, member_id, film_id = key
    return {"p_server_id": server_id, "p_member_id": member_id, "p_film_id": film_id}
