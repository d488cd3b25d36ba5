"""The Movie Database: film details and where they stream, by the operator's own key."""
