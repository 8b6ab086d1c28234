"""Every word of the language with its meaning, for readers and editors. Pure."""
