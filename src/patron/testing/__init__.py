"""For tests, demos and benchmarks: simulated customers with known truth.

Nothing in the product imports this package.
"""
