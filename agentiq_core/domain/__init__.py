"""Words and pure rules of the desk: no input, no output, no SQL."""
