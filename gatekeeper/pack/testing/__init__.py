"""Rule unit tests: `*.test.yaml` and its cases, held against the one evaluator.

What lives here: reading test files, building their deals, comparing what the rules
say with what a case expects, and what the cases have covered. What may not: a second
way to judge a deal, reading a CRM, reading the clock.

Choices made:
- A test compiles the pack against a description made from its own `pipelines:` and
  `picklists:`, else the saved one of the CRM, else the order in which the rules name
  the stages; so a test runs the same on every machine. (2026-11)
- What a row does not say is empty, never unavailable; `hidden:` makes it so. (2026-11)
- What follows from something else (`is_closed`, `activities`) may not be written, for
  a test that contradicts itself proves nothing. (2026-11)
- A test tells a deal's whole past, so its history is complete from the creation on.
  Without a day of creation or a history nobody knows when the deal began. (2026-11)
- What a deal says and how its history ends must agree; what a case changes is how the
  last change ended, and a changed stage is entered when the case begins. (2026-11)
- A deal under an overlay is judged by that overlay's rules, as in a run, also when
  these are changed: a change to a rule is made on all sides, one to a parameter where
  no overlay gives it another value; an overlay's value is one more limit. (2026-11)
- Where deals may be created is changed like any condition; every case of a pipeline
  with such a stage may notice, since it decides which rules apply at all. (2026-11)
- Limits are covered by asking the rules again with the limit moved a little: a case
  stands at a limit when the smallest step changes a line's answer. So every operator
  and window counts without a list of them here. (2026-11)
- Mutation alters trees, one thing at a time, and compiles the changed rule alone. A
  change that is known to mean the same is not made; one that no case reaches counts as
  not noticed. (2026-11)
"""
