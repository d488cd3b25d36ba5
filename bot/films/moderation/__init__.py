"""What moderators do about reviews: reports, decisions, blocks, and the log that nobody can change."""
