"""Reports for a division to print and forward: one content, rendered as self-contained HTML and as A4 PDF."""
