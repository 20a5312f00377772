"""Site: wiring only. Settings from the environment, addresses, the WSGI door. No logic; nobody imports it."""
