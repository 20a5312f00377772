"""What the house says to everybody: advisories, security.txt, its policy for reporters, and the reports that strangers send.

Nouns: advisory, draft, publication, publisher, key, report. Verbs: draft, edit, approve, publish, say who publishes, renew security.txt, take a report,
answer it. It refuses to publish what is no valid document, what nobody approved, and to let a stranger open a case or see what is not published.
"""
