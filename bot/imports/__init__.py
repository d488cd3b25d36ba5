"""Brings sources and storage together for imports too large for the memory."""
