"""What lies in a landing folder: which files are ready, how they unpack, lines as records."""
