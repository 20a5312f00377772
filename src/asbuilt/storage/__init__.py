"""Storage: how rows and blobs go in and out, on SQLite and on PostgreSQL.

No business noun lives here. The room offers

- `databases`: where the record lies, read from the environment; one read-only door for questions
- `transactions.write_tx`: the one way to write, fair between processes on SQLite, one writer a tenant at a time
- `bulk.insert_rows`: many rows at the speed of the driver (COPY on PostgreSQL, executemany on SQLite)
- `reading`: raw reads as tuples, with fragments of SQL that differ between the two engines
- `tenancy`: every row belongs to a tenant; a query that does not say which one raises
- `compact`: tables whose rows are many, clustered on their key
- `blobs`: bytes under their SHA-256
- `outbox`: what leaves the house, written with the change and sent after it; `printers`: label printers over TCP

It refuses to know what a unit, a lot or a customer is.
"""
