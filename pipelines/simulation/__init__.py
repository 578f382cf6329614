"""An invented country, and the study that puts every error rate to it. Nothing here is about a real place."""
