"""What of a model really runs in INT8, where the rest runs, and what to do about it."""
