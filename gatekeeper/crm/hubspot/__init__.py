"""HubSpot: everything that knows its words, and nothing that decides.

`wire` calls it: `library` holds hubspot-api-client, `door` is the one way out (routes,
time limits, raw answers), `pace` keeps to its limits, `refusals` says what its errors
mean, `patience` repeats what may be, `client` has one method per call. In `reading`,
`listing` goes through all deals, `window` gathers what hangs on them, `pull` joins both
and makes batches. `metadata` is what a portal says of itself,
`reading` makes deals of records, `writing` makes records of changes. Pure: `names`,
`reading.row_names`, `columns`, `feeds`, `collect`, `shape`, `related`, `derived`,
`deals`, `past`, `stays`, `translate`; `writing.records`, `body`, `shadow`. `adapter`
joins all to the port.

Choices, November 2026:
- The library says where a call goes and what is in it. Its models are not used: they
  are slow, and lose answers whose status they do not expect; nor is its transport, one
  for each of its packages. Nothing is retried below `client`.
- Every version stands in one table (`wire.paths`), for HubSpot moves to dated paths.
- No search decides anything: its index lags behind the records. It names candidates
  for our own tasks, which are then read, and the deal that tells a rate of exchange.
- Whether a deal is closed is read from its stage; HubSpot's own copy of it lags.
- A contact with two labels on a deal is two rows, as on Salesforce.
- Properties that our own tasks and flags move are never read as evidence: they are
  "cannot tell" with that reason.
- A task of ours that hangs on no deal is loose: its create is unfinished, so the same
  create is sent again and ties it, or it is closed where nothing is missing any more.
  A person who takes a task off its deal has closed it. Where the database is lost and
  a search lists such a task, nothing tells the two apart, and it is tied: a task that
  nobody finds would be worse than one that has to be taken off again.
- `gatekeeper_tasks` on a deal names the tasks written a moment ago, which no index
  shows yet: where the store does not know them they are read by key, or by id where
  the key is not unique, and only that read counts.
- A read shows a merged deal under its new id: the old one is gone.
- HubSpot tells no owner's time zone: a task is due at 17:00 in the account's.
"""
