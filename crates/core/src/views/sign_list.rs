//! The list of signs, which [`super::signs`] says more of. It stands alone because the program that makes the
//! index of the built-in rules reads it too.

/// What a sign belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A call that joins the items of a list.
    Join,
    /// The same with the separator as its first argument.
    Implode,
    /// A call that joins its arguments.
    Concat,
    /// A format of nothing but places, with the arguments after it.
    Format,
    /// Numbers that are characters, or characters.
    Codes,
    /// One character a call, over and over.
    Chars,
    /// A literal that is read backwards.
    Reversed,
    /// A statement that appends to a string.
    Append,
    /// Quoted-printable text.
    Mail,
    /// A join of CloudFormation.
    Cloud,
    /// Numbers that are turned into characters one by one.
    Mapped,
    /// A literal that something is taken out of.
    Removed,
    /// A literal in another encoding.
    Rot13,
    Base85,
    Base58,
    /// Spaced hexadecimal.
    Pairs,
    /// Lines of uuencode, of a hexdump.
    Uuencode,
    Dump,
    /// Tags in the middle of a word.
    Tags,
}

#[rustfmt::skip]
pub(super) const SIGNS: [(&str, Kind); 76] = [
    ("join(", Kind::Join), (".Join(", Kind::Join), ("].join", Kind::Join), ("implode(", Kind::Implode),
    ("!Join", Kind::Cloud), ("Fn::Join", Kind::Cloud),
    ("oncat(", Kind::Concat), ("ONCAT(", Kind::Concat), ("oncat!(", Kind::Concat), ("aste0(", Kind::Concat),
    ("}\".format(", Kind::Format), ("}'.format(", Kind::Format), ("%s%s\"", Kind::Format), ("%s%s'", Kind::Format),
    ("%s\" % ", Kind::Format), ("%s' % ", Kind::Format), ("{0}{1}", Kind::Format), ("{}{}\",", Kind::Format),
    ("fromCharCode(", Kind::Codes), ("fromCodePoint(", Kind::Codes), ("bytes([", Kind::Codes),
    ("bytearray([", Kind::Codes), ("byte{", Kind::Codes), ("[] {", Kind::Codes), ("[]{", Kind::Codes),
    ("] = {", Kind::Codes), ("]={", Kind::Codes), ("fer.from([", Kind::Codes), ("Array([", Kind::Codes),
    ("ArrayOf(", Kind::Codes), ("Array.of(", Kind::Codes), ("u8] = &[", Kind::Codes), ("u8] = [", Kind::Codes),
    ("Int8] = [", Kind::Codes), ("(chr, [", Kind::Codes), ("chr\", [", Kind::Codes), ("chr', [", Kind::Codes),
    ("chr, (", Kind::Codes), ("string.char(", Kind::Codes), ("\"data\": [", Kind::Codes), ("\"data\":[", Kind::Codes),
    (" = {'", Kind::Codes), (" = { 0x", Kind::Codes), (" = {0x", Kind::Codes), ("CHAR(", Kind::Codes), ("vec![", Kind::Codes),
    ("chr(", Kind::Chars), ("Chr(", Kind::Chars), ("[char]", Kind::Chars), ("].pack(", Kind::Mapped), ("].map(", Kind::Mapped),
    ("[::-1]", Kind::Reversed), ("strrev(", Kind::Reversed), (".reverse", Kind::Reversed), ("| rev", Kind::Reversed),
    ("\".replace(", Kind::Removed), ("'.replace(", Kind::Removed),
    ("+= \"", Kind::Append), ("+= '", Kind::Append), (".= \"", Kind::Append), (".= '", Kind::Append),
    (".append(\"", Kind::Append), (".push_str(\"", Kind::Append), (".Append(\"", Kind::Append),
    ("rot13", Kind::Rot13), ("rot_13", Kind::Rot13), ("N-ZA-M", Kind::Rot13),
    ("85decode(", Kind::Base85), ("58decode(", Kind::Base58), ("fromhex(", Kind::Pairs),
    ("begin 6", Kind::Uuencode), ("\n00000010", Kind::Dump), ("=hex:", Kind::Pairs),
    ("<wbr", Kind::Tags), ("</w:t></w:r>", Kind::Tags),
    ("=3D", Kind::Mail),
];

/// The texts of all signs.
pub(crate) const TEXTS: [&str; SIGNS.len()] = {
    let mut texts = [""; SIGNS.len()];
    let mut n = 0;
    while n < texts.len() {
        texts[n] = SIGNS[n].0;
        n += 1;
    }
    texts
};
