"""Limits on input size. Anything larger is not election data and is refused before it fills the memory."""

from __future__ import annotations

# Largest file, decompressed.
MAX_BYTES = 8 << 30
# Result data compresses 3 to 40 times. Only a repeated byte compresses 300 times.
MAX_RATIO, RATIO_FROM = 300, 1 << 26
# Largest JSON document, which is parsed whole: about eight times its size in memory.
MAX_DOCUMENT = 64 << 20
# The nation has 823,236 polling stations, and a general election five contests.
MAX_ROWS = 5_000_000
MAX_MEMBERS = 1_000_000
MAX_COLUMNS = 1_000
# Longest line of a table; a longer one is quarantined. A much longer stretch without a line break is no
# table.
MAX_LINE, MAX_WITHOUT_BREAK = 100_000, 16 << 20
# Most unreadable lines per file; a file with more is not a table.
MAX_UNREADABLE = 100_000
# Zip files within zip files.
MAX_NESTING = 2
# Largest file of the register, which is read whole.
MAX_REGISTER_BYTES = 64 << 20
