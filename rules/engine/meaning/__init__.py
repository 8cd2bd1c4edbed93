"""What a rule set says and cannot mean."""
