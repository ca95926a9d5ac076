"""The laboratory: scenario files, an ideal server to compare with, and a report of one run."""
