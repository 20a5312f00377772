"""The record as people read it, thing by thing: a unit's life, a lot, an order, holds, tests, boxes, notes, returns."""
