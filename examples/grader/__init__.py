"""A grader: a plain, synchronous worker that claims submissions, runs them and records what came out."""
