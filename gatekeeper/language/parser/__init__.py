"""From the text of a check to its tree, or to what is wrong with it. Pure."""
