"""Doors: a request becomes one action or one query and comes back. Doors never import each other."""
