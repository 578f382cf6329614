"""titik-rawan: from evaluations of past Indonesian elections to places and actions."""

import os

# Before numpy is imported anywhere: our matrices are small, and threads that wait for each other cost more than they
# bring (4 ms instead of 0.05 ms per optimiser step on a busy machine); one thread also gives the same bits everywhere.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
