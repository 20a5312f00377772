"""Quality: test runs and what the last of each plan said. Verb: record test runs. It refuses legal deadlines."""
