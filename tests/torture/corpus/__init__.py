"""Files made by hand to break the reader: one module for each kind of harm."""
