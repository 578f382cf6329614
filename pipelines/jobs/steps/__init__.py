"""The steps of the main job, one module each: `step(run)` runs it and returns small facts."""
