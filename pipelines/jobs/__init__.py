"""Jobs started by a person or a schedule: the main job with its steps, result forms in parts, downloads."""
