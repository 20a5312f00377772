"""AS DESIGNED: what is meant to be built. Rooms in order: parties, catalog, firmware."""
