"""Reports, decisions, blocks, the word filter, the log."""
