"""Access: who may do what, for which tenant.

Nouns: tenant, person, login, role, token, one-time link. Verbs: open a tenant, invite, sign in, give and take roles,
issue and revoke tokens, erase a person. Facts and entries name people by a tenant-local number; names live here and can
be erased.
It refuses to know what a role's work does to a unit: the verb asks `actor.require(right)`.
"""
