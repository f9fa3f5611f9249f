"""Dejashot notices when a new photo is the same shot as its neighbours in time, and says which one to keep."""

__version__ = "0.2.0"
