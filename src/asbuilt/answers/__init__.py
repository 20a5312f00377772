"""Answers: what is kept of questions, and what hangs on them. Rooms in order: register > gate."""
