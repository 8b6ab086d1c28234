"""The pack room: a folder of YAML files in, one checked and compiled rule pack out.

What lives here: reading YAML with its traps (`nodes`, `traps`), the shape of each
kind of file (`schema`, `read`), one module per kind of file, and the check of a pack
against the CRM's own description. What may not: evaluating rules, talking to a CRM,
reading the clock or the environment.

Choices made:
- YAML is read from the event stream of the C loader and never guesses a type: text
  stays text until the schema says what it should be. Anchors, aliases, merges and
  tags are refused, so nothing can grow while it is read. (2026-11)
- pydantic says which keys a file may have; every sentence a person reads is ours and
  names file, line and column. (2026-11)
- All mistakes of all files are collected; a pack with one mistake runs nothing.
  What the CRM hides or lacks is no mistake of the pack: those lines become "cannot
  tell" and stand in `RulePack.remarks`. (2026-11)
- What cannot be done in a place is refused by name (E214), because a key that is read
  and ignored changes answers silently. (2026-11)
- What a file says of a stage (`path`, `counts_as`) changes the pack's pipelines, so
  nothing that judges a deal reads it twice; a condition over a file or a stage is
  compiled once and shared by its rules. (2026-11)
- An overlay is compiled into a rule pack of its own, so nothing that judges a deal
  knows of overlays; two that one deal could match are refused when the pack is read,
  never at run time. A rule has one logic fingerprint over all its variants. (2026-11)
- What a waiver was approved for stands in its file (`approved_logic`), not in a
  database: losing the database changes no answer. (2026-11)
"""
