"""The steps of the main job, one module each: `step(run)` does it and returns small facts."""
