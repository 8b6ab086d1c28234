"""Which changes to the rules no test notices. Pure."""
