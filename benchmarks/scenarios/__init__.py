"""The rows of the table: each module has figures(bench), all measured in one run."""
