"""What a report says, read from the marts: one question, one answer."""
