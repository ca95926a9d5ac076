"""`python -m server preprocess`: the tensors that a model gets of raw data, written to a file."""
