"""The GPU suite: a bundle made where there is a network, and the figures on a machine with a GPU.

bundle.py writes the bundle; prepare.py unpacks it and builds (Python's standard library only);
__main__.py measures.
"""
