//! Fresh fake secrets, made at run time.
//!
//! A checksum-valid token in a committed file would stop our own hook and the push protection of hosts, so
//! tests make theirs: every function here takes a seed and returns a value with the right shape and, where
//! the vendor has one, the right checksum. None was ever issued by anyone.

mod encode;
mod providers;

pub use providers::*;

/// Digits, upper case, lower case.
pub const BASE62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits and lower case.
pub const BASE36: &str = "0123456789abcdefghijklmnopqrstuvwxyz";
/// Lower-case hexadecimal digits.
pub const HEX: &str = "0123456789abcdef";
/// Upper-case letters and digits.
pub const UPPER36: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// RFC 4648 base32, upper case.
pub const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// RFC 4648 base64url.
pub const BASE64URL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
