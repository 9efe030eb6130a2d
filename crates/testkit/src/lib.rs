//! Hermetic git worlds and fresh fake secrets, for tests only.
