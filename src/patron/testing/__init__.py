"""Simulated customers with known truth, and suites that other implementations can run."""
