"""Ratings, reviews, replies, diary, profiles, charts."""
