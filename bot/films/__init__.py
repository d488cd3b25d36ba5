"""Films: the catalogue, the card, people."""
