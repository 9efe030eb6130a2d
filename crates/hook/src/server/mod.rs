//! What only a server does: its audit log and its governed bypass.
//!
//! `audit` and `approvals` were written by lead and are complete; the pre-receive command wires them in.

pub(crate) mod approvals;
pub(crate) mod audit;
