"""What subscriptions and alerts store about a member."""

from bot.members.personal_data import PersonalData, export_table
from bot.streaming.tables import alerts, subscriptions

PERSONAL_DATA = PersonalData(
    exported_rows=(export_table(subscriptions, 120), export_table(alerts, 130)),
    deleted_tables=(subscriptions, alerts),
)
