"""Jobs a person or a schedule starts: the main job with its steps, result forms in parts, downloads."""
