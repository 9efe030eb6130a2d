//! Writes a finished scan in each format.
