"""What a manager is told: exceptions of the team's deals, as values without markup."""
