"""What is odd about lines that have no mistake. Pure."""
