"""One module for each kind of file and each part of one, as written. Pure."""
