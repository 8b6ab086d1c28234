"""What a portal says of itself: properties, pipelines, owners, scopes."""
