"""titik-rawan: from evaluations of past Indonesian elections to places and actions."""

import os

# Both before numpy and pyarrow are imported anywhere.
# Our matrices are small, and threads that wait for each other cost more than they bring (4 ms instead of 0.05 ms per
# optimiser step on a busy machine); one thread also gives the same bits everywhere.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Arrow's own memory pool keeps what it once had; the system's gives it back (50 MB less at the peak of a run).
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
