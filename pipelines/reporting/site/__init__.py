"""Which pages exist, when they are made anew, and the pages that lead to them."""
