"""The CRMs, each behind `ports.Crm`, and what they share without knowing one of them.

The owner marker (`marker`), changes put into requests (`batches`), readers of rows and
collections (`reader`, `related`, `memory`), what answers say beside their bodies
(`meter`), the steps of a set-up (`steps`) and lines of `doctor` (`checkups`).

A CRM's room keeps its vendor's words to itself: deals, tasks and flags go in and out
in the vocabulary of `core.model`. Rooms do not see each other.
"""
