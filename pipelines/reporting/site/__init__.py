"""Which pages exist, when they are rebuilt, and the pages that lead to them."""
