"""Simulated students, made of the solution, the misconceptions and the alternatives."""
