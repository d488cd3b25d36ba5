"""The film card and what hangs on it."""
