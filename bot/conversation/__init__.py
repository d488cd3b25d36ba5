"""Requests in plain words: a grammar, retrieval of half-remembered films, follow-ups."""
