"""Who is told what happens in a run: the report, the progress bar, the capture."""
