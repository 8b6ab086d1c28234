"""Changes into Salesforce: tasks, flags, and the fields that hold them."""
