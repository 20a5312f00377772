"""API: the twin of every page for programs, under /api/v1/. One request becomes one verb or one query of a room below.

The frame: `caller` (who asks: a bearer token, or the signed-in session with its form secret), `problems` (every refusal
as problem+json, RFC 9457), `bodies` (what a request may bring), `limits`, `cursors` (pages of lists), `keys` (the
`Idempotency-Key` of writes), `document` (the OpenAPI description). One module a group of addresses: asking, answers,
units, imports, facts, log, evidence, people, settings.

It refuses rules, transactions and reads of its own. The command line never imports it.
"""
