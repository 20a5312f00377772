"""From the words of a question to unit sets: one module for each kind of term, and the view of the reader who asks."""
