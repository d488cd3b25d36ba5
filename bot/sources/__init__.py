"""Adapters to the sources of film facts and ratings: TMDB, IMDb, MovieLens, files."""
