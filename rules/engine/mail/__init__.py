"""What a mail says: the words that a person just wrote, and what kind of reply it is."""
