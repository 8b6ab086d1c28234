"""Changes into HubSpot: tasks, flags, and the properties that hold them."""
