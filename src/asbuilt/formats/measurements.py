"""Names in a cell `measurements` that are no steps: `defects` are findings with their places, `$run` is what belongs to the whole run."""

DEFECTS, RUN = "defects", "$run"
