"""What features build on. Imports no feature."""
