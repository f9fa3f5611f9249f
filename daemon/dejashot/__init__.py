"""Dejashot notices when a new photo is the same shot as its neighbours in time, and says which one to keep."""

import os

# before numpy is loaded: its matrices here are small, and a second thread costs as much as it brings, waiting
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.2.0"
