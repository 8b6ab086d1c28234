"""The store room: history in a database, SQLite by default, PostgreSQL by URL.

Lives here: tables, migrations, the lease, staged rows of a run, the folding of them
into what stands, the write-ahead ledger of intents and receipts, the audit chain.
May not live here: any decision about a deal. Nothing above sees SQLAlchemy.

Choices:
- Core, no ORM; one query text for both databases, upserts through the dialect's
  `ON CONFLICT`. Values that are only shown travel as JSON text in `payload`; what a
  query filters or sorts by has its own column.
- Iterators read by key in pages, each page in its own short transaction, so that the
  caller may write while it iterates and SQLite's one writer is never kept waiting.
- What runs see of the stage and of watched fields is staged with each deal and folded
  at the commit, as deltas: a value that stays writes nothing. The stage is one of the
  fields; stays in stages follow from its changes, so they have no table of their own.
  What is not seen by a complete run is forgotten: nothing outlives its deal's pull.
- Every write of a run checks the lease's fence in the same transaction.
- On SQLite a file lock beside the database tells a dead holder from a slow one, so a
  killed run need not wait for its lease to run out.
- A create that the CRM refused leaves no obligation behind: its key holds no chance,
  so the next run may try the same episode again, and should the refused write turn
  up after all, it is adopted by that same key. The audit chain keeps the attempt.
"""
