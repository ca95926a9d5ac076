"""What commands that make a version of a model share: their errors, their temporary files, and how
a version gets into a repository."""
