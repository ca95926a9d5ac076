"""Steps of the request path, one by one: `pytest benchmarks/micro`.

A test times 1000 steps: microseconds in its table are nanoseconds per step.
"""
