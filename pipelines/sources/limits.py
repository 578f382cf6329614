"""How large an input may be. What is larger is no election data, and is refused before it fills the memory."""

from __future__ import annotations

# One file, unpacked.
MAX_BYTES = 8 << 30
# Result data packs 3 to 40 times smaller. What packs 300 times smaller holds nothing but one repeated byte.
MAX_RATIO, RATIO_FROM = 300, 1 << 26
# One JSON document, which is parsed as a whole: about eight times its size in memory.
MAX_DOCUMENT = 64 << 20
# The nation has 823,236 polling stations, and five contests in a general election.
MAX_ROWS = 5_000_000
MAX_MEMBERS = 1_000_000
MAX_COLUMNS = 1_000
# One line of a table; a longer one is quarantined. A file without a line break for much longer is no table.
MAX_LINE, MAX_WITHOUT_BREAK = 100_000, 16 << 20
# Lines of one file that are no records. More are no table with faults.
MAX_UNREADABLE = 100_000
# Zip within zip.
MAX_NESTING = 2
# A file of the register, which is read as a whole.
MAX_REGISTER_BYTES = 64 << 20
