"""What an org says of itself: objects, fields, rights, people, limits."""
