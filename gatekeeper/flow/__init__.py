"""The verbs: run, plan, apply. What happens in which order, and nothing else.

Lives here: the order of reading, judging, planning, limiting and writing. May not:
vendor words, SQL, markup, decisions that a pure function of `core` can take.

Choices:
- 2026-11: a run reads and judges in one pass over the stream and plans in a second
  pass over what was staged. Breakers and the ramp need counts over the whole run
  before a line may stand in a task, so planning cannot happen page by page.
- 2026-11: a batch is judged in pages of a hundred deals, rule by rule: fewer share too
  little, more do not stay in the processor's cache. A waiver found too broad within a
  page is taken back from all it had covered, as from the pages before.
"""
