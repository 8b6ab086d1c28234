"""What the past of a deal answers: stages, fields, gates. Pure."""
