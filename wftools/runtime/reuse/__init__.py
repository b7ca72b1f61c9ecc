"""What is used again: keys of results, and how long results are kept."""
