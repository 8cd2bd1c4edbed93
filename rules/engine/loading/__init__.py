"""From a file to a rule set, or to every problem that the file has."""
