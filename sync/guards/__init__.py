"""What a run may not publish by itself, however well-formed it is."""
