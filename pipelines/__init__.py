"""titik-rawan: from evaluations of past Indonesian elections to places and actions."""

import os

# Both must be set before numpy and pyarrow are imported. Our matrices are small, and synchronising threads
# costs more than it saves (4 ms instead of 0.05 ms per optimiser step on a busy machine); a single thread also
# gives bit-identical results everywhere.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Arrow's own memory pool keeps freed memory; the system's returns it (50 MB less at the peak of a run).
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
