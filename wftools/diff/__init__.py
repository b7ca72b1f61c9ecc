"""What differs between two versions of a workflow, by meaning."""
