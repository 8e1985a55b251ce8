"""Dummy users and their activity, as rows for COPY: the same for the same seed, on every machine.

Each user is made from a random source of their own, so that the first hundred of four hundred are those of a hundred.
"""
