"""The language of the checks: text to tree, tree to typed tree, typed tree to closures.

Lives here: the grammar and its messages, the types, the checker, the compiler, the
functions, the explanations of a failed line. May not live here: YAML, a CRM, a file
(the grammar beside the parser aside), a clock.

The way of a check: `parser.parse` gives a tree of `syntax` or raises
`CheckSyntaxError` with every message; the checker resolves names and types against a
`Scope`; the compiler gives closures over a deal. `format.canonical` writes a tree
back. `messages.frame` is the one shape in which people read a mistake.

Choices:
- 2026-11-21: words are cut by one regular expression of ours (`tokens`) and the
  grammar sees only their kinds. Phrases such as "on or before" are one word, so the
  grammar is LALR(1) without a single conflict (lark's strict mode), few words are
  reserved, and the same words serve the messages. Matching is ASCII only: no letter
  of another script passes for a keyword.
- 2026-11-22: lark works out the parser's tables when the grammar changes (`python -m
  tests.language.tables`), and the program only runs them (`machine`): to load lark and
  the grammar took longer than to check the default rules, and to run them longer than
  to build the tree.
- 2026-11-21: mistakes within one word are all said at once (`words`, `formula`);
  mistakes in the order of words one at a time (`mistakes` and what it stands on),
  because after the first the rest is a guess.
- 2026-11-21: parentheses stay in the tree (`Bracketed`), so that a tree and its text
  correspond exactly; the limits of E319 bound how deep any walk over a tree goes.
- 2026-11-21: a name may be of the deal or of a row; a closure takes both (`Reader`),
  so a condition inside a `where` is compiled like any other. Each kind of field has
  one Python type behind its reader, money as a Decimal of the run's currency.
- 2026-11-22: most lines test one field against what is the same for the whole run.
  `one_field` decides these in one step and leaves every unusual value to the general
  closure, so there is one meaning of a test, and a short way to it.
- 2026-11-22: every closure is total by itself: what goes wrong inside a part is that
  part's answer, and the others may still decide the line.
- 2026-11-21: an explanation asks the closures of the same typed tree (`Tree`) and only
  puts their answers into words, so it cannot disagree with the verdict.
"""
