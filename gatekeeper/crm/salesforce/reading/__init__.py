"""From the rows of Salesforce to deals, in our vocabulary."""
