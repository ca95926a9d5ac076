"""Load generator, yardsticks and the benchmark table (`make bench`)."""
