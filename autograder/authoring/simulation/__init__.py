"""Simulated students, made from the solution, the misconceptions and the alternatives."""
