"""`python -m server quantize`: from a float model and calibration data to a version of a model
repository that is faster and still right, or to the word that INT8 does not pay."""
