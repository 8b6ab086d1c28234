"""The reference page of the language, made from the code. Pure."""
