"""From files as written to the pack that runs, held against the CRM. Pure."""
