"""From the records of HubSpot to deals, in our vocabulary."""
