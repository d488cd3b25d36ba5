"""Films as a source online knows them, apart from the catalogue's own facts."""
