"""What Discord shows, built from domain objects."""
