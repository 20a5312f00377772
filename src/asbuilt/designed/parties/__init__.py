"""Parties: who makes, supplies, buys and receives. Nouns: party and its roles. Verb: import parties. It refuses logins."""
