"""What a change of the rules changes: in what they mean, and for the replies that came."""
