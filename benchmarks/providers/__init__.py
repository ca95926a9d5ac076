"""Execution providers and precisions: what the server makes of them, against the best there is."""
