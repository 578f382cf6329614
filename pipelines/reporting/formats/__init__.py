"""One content as HTML, PDF, CSV and XLSX."""
