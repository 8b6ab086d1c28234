"""Rules held against one deal: where each binds, and what it says. Pure."""
