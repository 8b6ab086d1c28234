"""The Salesforce dialect of the sandbox.

`org.py` is one org without HTTP: records, clock, field-level security. `dml.py` writes
one record under every rule, `checks.py` refuses, `triggers.py` and the rooms it names
derive. `rest.py` lists the routes, `http.py` does what all of them share; a route is a
function from a `Call` to an `Answer`. `query.py` and its rooms answer SOQL.
`importing.py` loads a folder, `stock.py` makes a fresh org.

What lives here refuses what the real service refuses, in its words: a sandbox kinder
than the CRM is a defect. Nothing of the product is imported.
"""
