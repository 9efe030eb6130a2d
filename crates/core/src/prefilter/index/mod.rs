//! The tables that a `Prefilter` looks into, and how they are made of a list of anchors.
//!
//! Making them takes half a millisecond, a fifth of a commit's check. So those of the built-in rules are made by
//! the build script of `crates/config`, which includes this folder and writes them as constants; those of other
//! rules are made here when they are loaded. Nothing in this folder may refer to the rest of the crate.

pub mod grams;
pub mod literals;
pub mod pairs;
mod rarity;
mod slot;

use std::fmt::Write;
use std::ops::Deref;

use grams::Grams;
use literals::Literals;
use pairs::Pairs;

/// The anchors of a list of rules, indexed.
#[derive(Debug, PartialEq)]
pub struct Index {
    /// The distinct texts.
    pub literals: Literals,
    /// Those of three bytes and more.
    pub grams: Grams,
    /// Those of two bytes.
    pub pairs: Pairs,
}

/// An anchor of a rule.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Index of the rule.
    pub rule: u32,
    /// The text; lower case where it folds.
    pub text: &'a str,
    /// ASCII letters match in either case.
    pub fold: bool,
}

impl Index {
    /// Indexes `anchors`, and `signs` that somebody else wants to know of. Anchors of less than two bytes are
    /// ignored; no checked rule has one.
    pub fn new(anchors: &[Asked<'_>], signs: &[&str]) -> Self {
        let literals = Literals::new(anchors, signs);
        let grams = Grams::new(&literals);
        let pairs = Pairs::new(&literals);
        Self { literals, grams, pairs }
    }

    /// Writes it as a constant expression of Rust, with the names of this module in scope.
    pub fn write(&self, out: &mut String) -> std::fmt::Result {
        write!(out, "Index {{ literals: ")?;
        self.literals.write(out)?;
        write!(out, ", grams: ")?;
        self.grams.write(out)?;
        write!(out, ", pairs: ")?;
        self.pairs.write(out)?;
        write!(out, " }}")
    }
}

/// Something large that is part of the program, or was made by it.
#[derive(Debug)]
pub enum Store<T: ?Sized + 'static> {
    /// Part of the program.
    Fixed(&'static T),
    /// Made when it ran.
    Made(Box<T>),
}

impl<T: ?Sized> Deref for Store<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        match self {
            Self::Fixed(all) => all,
            Self::Made(all) => all,
        }
    }
}

impl<T: ?Sized + PartialEq> PartialEq for Store<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T> From<Vec<T>> for Store<[T]> {
    fn from(all: Vec<T>) -> Self {
        Self::Made(all.into())
    }
}

/// Writes a list that holds nothing but numbers, or what one writes like them.
fn list<T: std::fmt::Debug>(out: &mut String, items: &[T]) -> std::fmt::Result {
    write!(out, "Store::Fixed(&{items:?})")
}
