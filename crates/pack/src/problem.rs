//! What could not be read, and why.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::oid::ObjectId;

/// The store could not be opened at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The objects directory cannot be listed.
    #[error("cannot read the objects directory {}", path.display())]
    ObjectsDirectory {
        /// The directory that was named.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// Something in the store that could not be read: never silence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub why: Why,
    /// The object that could not be read. `None`: a whole file or directory is meant.
    pub id: Option<ObjectId>,
    /// The pack, index, loose object or directory.
    pub file: Option<Arc<Path>>,
    /// Where in the file, in bytes.
    pub offset: Option<u64>,
}

impl Problem {
    /// A problem of a whole file or directory.
    pub(crate) fn file(why: Why, file: &Path) -> Self {
        Self { why, id: None, file: Some(Arc::from(file)), offset: None }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(id) = self.id {
            write!(f, "object {id}: ")?;
        }
        write!(f, "{}", self.why)?;
        if let Some(file) = &self.file {
            write!(f, " ({}", file.display())?;
            if let Some(offset) = self.offset {
                write!(f, ", at byte {offset}")?;
            }
            f.write_str(")")?;
        }
        Ok(())
    }
}

macro_rules! whys {
    ($($name:ident $code:literal $text:literal)*) => {
        /// What is wrong. [`Why::code`] is stable; the text may be reworded.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Why {
            $(#[doc = $text] $name,)*
        }

        impl Why {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The reason in kebab-case.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }

        impl fmt::Display for Why {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$name => $text,)* })
            }
        }
    };
}

whys! {
    Io "io" "the file cannot be read"
    Vanished "vanished" "the file vanished while the store was read, and its objects were found nowhere else"
    DirectoryUnreadable "directory-unreadable" "the directory cannot be listed"
    AlternateMissing "alternate-missing" "the alternate objects directory does not exist"
    AlternatesTooDeep "alternates-too-deep" "alternates are nested too deeply"
    IndexMissing "index-missing" "the pack has no index"
    PackMissing "pack-missing" "the index has no pack"
    IndexFormat "index-format" "the index is not one of a format that is known"
    IndexTruncated "index-truncated" "the index does not have the length that its counts ask for"
    IndexChecksum "index-checksum" "the index does not have the checksum that it states"
    IndexTable "index-table" "a table of the index contradicts itself"
    IndexDisagrees "index-disagrees" "the index belongs to another pack"
    PackFormat "pack-format" "the pack is not one of a format that is known"
    PackTruncated "pack-truncated" "the pack is shorter than it should be"
    EntryOutside "entry-outside" "the index points outside of the pack"
    EntryHeader "entry-header" "the entry's header is not valid"
    EntryChecksum "entry-checksum" "the entry does not have the checksum that the index states"
    Inflate "inflate" "the compressed data is broken"
    SizeMismatch "size-mismatch" "the data does not have the size that its header states"
    DeltaFormat "delta-format" "the delta is not valid"
    DeltaBaseSize "delta-base-size" "the delta was made for a base of another size"
    DeltaCopyRange "delta-copy-range" "the delta copies from outside of its base"
    DeltaResultSize "delta-result-size" "the delta does not make an object of the size that it states"
    BaseMissing "base-missing" "the base of the delta is missing"
    BaseCycle "base-cycle" "the delta is, in the end, based on itself"
    BaseBroken "base-broken" "the base of the delta cannot be read"
    TooLarge "too-large" "the object is too large to be taken apart"
    LooseFormat "loose-format" "the loose object has no valid header"
    Identity "identity" "the content does not have the hash that names it"
    Malformed "malformed" "the object is not valid for its kind"
}
