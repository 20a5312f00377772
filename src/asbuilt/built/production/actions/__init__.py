"""Verbs of production: what people and programs record while boards are built. One file a noun."""
