"""What watchlists store about a member."""

from bot.members.personal_data import PersonalData, export_table
from bot.watchlists.tables import watchlist

PERSONAL_DATA = PersonalData(exported_rows=(export_table(watchlist, 70),), deleted_tables=(watchlist,))
