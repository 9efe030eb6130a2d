//! Says which git objects are new, who introduced them, and which host runs us.
