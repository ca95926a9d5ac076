"""`python -m server profile`: how long batches of each size of one model take, and what follows."""
