"""The trees of a check: as written, as checked, and back to text. Pure."""
