//! Turns TOML into checked rules and policy, or a list of located problems.
