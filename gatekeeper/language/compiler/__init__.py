"""From the typed tree of a check to closures over a deal. Pure."""
