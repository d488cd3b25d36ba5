"""What films, titles, ratings and picks are. No Discord, SQL or HTTP in here."""
