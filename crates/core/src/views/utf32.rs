//! Files in UTF-32 of either byte order, with a mark or without.

use super::map::Map;
use super::{Encoding, Sink, View};

/// Characters that must look like text.
const HEAD: usize = 8;

/// Which byte of four holds an ASCII character, if the bytes begin as UTF-32 of mostly ASCII text does.
pub(super) fn order(bytes: &[u8]) -> Option<usize> {
    let head = bytes.as_chunks::<4>().0.get(..HEAD)?;
    let text = |b: u8| b.is_ascii_graphic() || matches!(b, b' ' | b'\t' | b'\r' | b'\n');
    [0, 3].into_iter().find(|&at| {
        head.iter().enumerate().all(|(n, unit)| {
            let mark = n == 0 && matches!(unit, [0xff, 0xfe, 0, 0] | [0, 0, 0xfe, 0xff]);
            mark || text(unit[at]) && unit.iter().enumerate().all(|(other, b)| other == at || *b == 0)
        })
    })
}

/// Adds the view of the whole text; what is not ASCII is a question mark.
pub(super) fn text(bytes: &[u8], at: usize, sink: &mut Sink) {
    let whole = 0..bytes.len();
    if !sink.admits(bytes.len() / 4, &whole) {
        return;
    }
    let ascii = |unit: &[u8; 4]| {
        if unit.iter().map(|b| usize::from(*b != 0)).sum::<usize>() == 1 { unit[at] } else { b'?' }
    };
    let text = bytes.as_chunks::<4>().0.iter().map(ascii).collect();
    let mut map = Map::default();
    map.add(0, 0, 1, 4);
    sink.push(View { bytes: text, encoding: Encoding::Utf32, source: whole, member: None, map });
}
