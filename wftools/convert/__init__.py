"""From one form of a workflow to the other, as the web editor does it, without a browser."""
