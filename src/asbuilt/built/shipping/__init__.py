"""Shipping: where units went. Nouns: shipment, shipment line, placing on the market. Verb: record shipments. It refuses prices."""
