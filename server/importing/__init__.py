"""`python -m server import`: from a fitted scikit-learn pipeline to a version of a model repository
that answers as scikit-learn does on the samples given, or to the word why not."""
