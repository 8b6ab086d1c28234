"""The process that does every night's work: ticks ask what is due, and do it.

What lives here: the ticks, the ledger's questions, the two kinds of work (runs and
digests, each a call of its flow), health pages and metrics. Nothing here knows a CRM,
a database or a mail server; bootstrap hands in how to open them.

The schedule is data: a tick fires every few seconds and decides nothing. What is due
follows from the rule pack's times and from the slots that are used, so that a host that
was off, a clock that was set and a second worker change nothing about what is done.
"""
