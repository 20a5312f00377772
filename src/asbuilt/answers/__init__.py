"""Answers: what is kept of questions. Rooms in order: register."""
