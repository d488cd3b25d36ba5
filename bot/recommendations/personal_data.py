"""What recommendations store about a member."""

from bot.members.personal_data import PersonalData, export_table
from bot.recommendations.tables import dismissed_films, group_session_members, rating_sharing_members

PERSONAL_DATA = PersonalData(
    exported_rows=(
        export_table(dismissed_films, 140),
        export_table(group_session_members, 150),
        export_table(rating_sharing_members, 160),
    ),
    deleted_tables=(dismissed_films, group_session_members, rating_sharing_members),
)
