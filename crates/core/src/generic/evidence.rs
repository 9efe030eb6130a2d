//! What was seen around a value, as bits.
//!
//! A verdict is reached in two steps. [`super::assignment`] looks at the bytes and knows no path;
//! [`crate::context::grade`] knows the path and no bytes. These bits are what the first hands to the second.

use crate::found::Evidence;

macro_rules! bits {
    ($($(#[$doc:meta])* $name:ident = $at:literal;)*) => {
        $($(#[$doc])* pub const $name: u64 = 1 << $at;)*
    };
}

bits! {
    /// The value is a quoted literal.
    QUOTED = 0;
    /// The value is a bare word within some quoted literal: `"password=x"`.
    IN_STRING = 1;
    /// A bare word that reads like code: a variable, an attribute.
    CODE = 2;
    /// The line is a comment.
    COMMENT = 3;
    /// The literal is an argument of a call on the right side: `String::from("x")`.
    WRAPPED = 4;
    /// The name is called with the value: `setPassword("x")`.
    CALL = 5;
    /// The value is compared with, not assigned.
    COMPARED = 6;
    /// The default of a look-up: `getenv("X") || "y"`, `${X:-y}`.
    DEFAULT = 7;
    /// `NAME=value` without spaces and with a name of capitals, as in environments.
    ENV_STYLE = 8;
    /// A command line's option.
    OPTION = 9;
    /// Part of a URL's query.
    QUERY = 10;
    /// `<name>value</name>`, attributes, or the split form `"name": "X", "value": "y"`.
    MARKUP = 11;
    /// Hexadecimal digits only.
    HEX = 12;
    /// Decimal digits only.
    DIGITS = 13;
    /// Nothing but common words and digits.
    TOY = 14;
    /// A UUID.
    UUID = 15;
    /// The name is one that build tools copy into what browsers load.
    BROWSER = 16;
    /// The name says password.
    PASSWORD = 17;
    /// The name says only `key`.
    BARE_KEY = 18;
    /// The name says only `auth`, or speaks of tokens in passing.
    WEAK_NAME = 19;
    /// The value has at least three of lower case, upper case, digits and punctuation.
    MIXED = 20;
    /// The value has at least two of lower case, upper case, digits and punctuation.
    VARIED = 21;
    /// Words without any digit or odd case: could be a name or a sentence.
    WORDS = 22;
    /// Only white space between name and value.
    SPACED = 23;
    /// The name speaks of a test, an example or a fake.
    TEST_NAME = 24;
    /// A space-separated phrase.
    PHRASE = 25;
    /// Text goes on after the bare value.
    PROSE = 26;
    /// A bare word with brackets inside.
    BRACKETS = 27;
    /// A URL's user information.
    URL = 28;
    /// A form that needs no name: a URL, an authorization header, a grant.
    FORM = 29;
    /// The value is encoded; what it says was judged decoded.
    ENCODED = 30;
    /// Name and value are neighbours in a list: `f("name", "x")`.
    LISTED = 31;
    /// One of several values of a name: in a list, a mapping.
    GROUPED = 32;
    /// A secret that people choose, like a password: `JWT_SECRET`, `session_secret`.
    CHOSEN = 33;
    /// The name says which system the password opens: `db_password`, `SMTP_PASS`.
    SYSTEM = 34;
    /// The last of several literals of a call.
    SECOND = 35;
}

impl Evidence {
    /// Whether all of `bits` were seen.
    pub fn has(self, bits: u64) -> bool {
        self.bits & bits == bits
    }

    /// Whether any of `bits` was seen.
    pub fn any(self, bits: u64) -> bool {
        self.bits & bits != 0
    }
}
