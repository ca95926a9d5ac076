"""Preprocessing: what it costs beside what else would do it."""
