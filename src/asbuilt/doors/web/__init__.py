"""Web: pages for people. One request becomes one verb or one query of a room below and comes back as a page.

The frame: `headers` (request id, strict CSP), `identity` (who asks; everything but the entrance needs a sign-in),
`problems` (a refusal as a page or as problem+json), `frame` (navigation, foot), `words` (how numbers and times are
written). Pages extend `base.html`. Nothing here decides a rule, opens a transaction or builds a query.
"""
