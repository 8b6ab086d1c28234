"""What is odd about a pack that has no mistakes."""
