"""AS BUILT: what happened. Rooms in order: supply, production, programming, quality, shipping, exchange."""
