//! What earlier sweeps have seen of the same packs, so that the next one reads only what is new.
//!
//! For each pack a file says how large each object is and whether anything was to be said of it. An object of
//! which nothing was to be said is not read again; one of which something was is, so that a resumed sweep
//! reports what a fresh one would. No byte of any object is stored, and no place in it.
//!
//! A file holds for exactly one pack and index (by their checksums), one policy with its rules, and one build
//! of this program. It is written under another name and renamed, also while the sweep is under way, so that
//! a sweep that was killed goes on where it was. It ends with a checksum; what does not fit is ignored, named,
//! and scanned again. Whoever can write to the folder can make a sweep skip objects: it is made for its owner
//! alone, and a folder or file that others may write to is not read.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufReader, Read, Seek as _, Write as _};
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};
use stopleak_config::Policy;
use stopleak_pack::{PackKey, Store, Table};

use crate::environment;
use crate::pipeline::hex;

const MAGIC: &[u8] = b"stopleak seen 1\n";
const HASH: usize = 32;
/// Files are read and written in pieces of so many bytes.
const PIECE: usize = 1 << 16;
/// Files that no sweep has used for so long are removed.
const KEEP: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// A folder of such files, for one policy and one build.
#[derive(Debug)]
pub(crate) struct Cache {
    dir: PathBuf,
    /// Who runs this program.
    user: u32,
    key: [u8; HASH],
    notes: Mutex<Vec<String>>,
}

impl Cache {
    /// Opens the folder, by default the person's own cache folder; makes it where it is not there.
    ///
    /// # Errors
    /// A sentence: it cannot be used.
    pub(crate) fn open(dir: Option<&Path>, policy: &Policy) -> Result<Self, String> {
        let dir = match dir {
            Some(dir) => dir.to_path_buf(),
            None => environment::cache_home()
                .ok_or("there is no folder for caches: set XDG_CACHE_HOME, or name one with --cache")?
                .join("stopleak"),
        };
        let told = |e: &io::Error| format!("the cache in {} cannot be used: {e}", dir.display());
        DirBuilder::new().recursive(true).mode(0o700).create(&dir).map_err(|e| told(&e))?;
        // A file that was just made belongs to whoever runs this program.
        let user = tempfile::tempfile_in(&dir).and_then(|file| file.metadata()).map_err(|e| told(&e))?.uid();
        if !is_trusted(&fs::metadata(&dir).map_err(|e| told(&e))?, user) {
            return Err(format!(
                "the cache in {} cannot be trusted: it is somebody else's, or others may write to it; chmod go-w it, or \
                 name another with --cache",
                dir.display()
            ));
        }
        // Another build may look for other things, whatever its version says.
        let program = std::env::current_exe().and_then(fs::read);
        let program =
            program.map_err(|e| format!("the cache cannot be used: this program cannot read itself: {e}"))?;
        let mut hash = Sha256::new();
        hash.update(MAGIC);
        hash.update(Sha256::digest(&program));
        hash.update(policy.hash());
        Ok(Self { dir, user, key: hash.finalize().into(), notes: Mutex::default() })
    }

    /// What went wrong with it.
    pub(crate) fn notes(&self) -> Vec<String> {
        std::mem::take(&mut self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, note: String) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(note);
    }

    /// What is known of the packs of a store.
    pub(super) fn seen<'c>(&'c self, store: &Store) -> Seen<'c> {
        let packed = store.pack_keys().last().map_or(0, |key| key.objects.end);
        let mut seen = Seen {
            cache: self,
            states: Table::zeroed(store.room(), packed as usize),
            packs: Vec::new(),
            saved: Mutex::default(),
        };
        let mut saved = Vec::new();
        for key in store.pack_keys() {
            let pack = Pack::new(self, &key);
            saved.push(match seen.load(&pack) {
                Ok(known) => known,
                Err(why) => {
                    self.note(format!("{} is not used, its pack is read again: {why}", pack.path.display()));
                    seen.states[key.objects.start as usize..key.objects.end as usize]
                        .iter()
                        .for_each(|state| state.store(0, Ordering::Relaxed));
                    0
                }
            });
            seen.packs.push(pack);
        }
        seen.saved = Mutex::new(saved);
        seen
    }

    /// Removes files that nothing has used for long.
    fn tidy(&self) {
        let Ok(entries) = fs::read_dir(&self.dir) else { return };
        for entry in entries.flatten() {
            let path = entry.path();
            let age = entry.metadata().and_then(|meta| meta.modified()).map(|then| then.elapsed());
            if path.extension().is_some_and(|e| e == "seen") && matches!(age, Ok(Ok(age)) if age > KEEP) {
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// Whether nobody but `user` and the administrator can have written it.
fn is_trusted(meta: &fs::Metadata, user: u32) -> bool {
    [user, 0].contains(&meta.uid()) && meta.mode() & 0o022 == 0
}

/// The file of one pack.
#[derive(Debug)]
struct Pack {
    path: PathBuf,
    head: Vec<u8>,
    objects: Range<u32>,
}

impl Pack {
    fn new(cache: &Cache, key: &PackKey<'_>) -> Self {
        let mut hash = Sha256::new();
        hash.update(cache.key);
        hash.update(key.pack);
        hash.update(key.index);
        hash.update(key.bytes.to_be_bytes());
        let hash = hash.finalize();
        let head = [MAGIC, &hash, &(key.objects.len() as u32).to_be_bytes()].concat();
        let path = cache.dir.join(format!("{}.seen", hex(&hash[..20])));
        Self { path, head, objects: key.objects.clone() }
    }
}

/// What is known of each packed object, by its number.
#[derive(Debug)]
pub(super) struct Seen<'c> {
    cache: &'c Cache,
    /// 0: not read yet. Else one more than its size, doubled, and whether something is to be said of it.
    states: Table<AtomicU32>,
    packs: Vec<Pack>,
    /// How many objects of each pack its file knows of.
    saved: Mutex<Vec<usize>>,
}

impl Seen<'_> {
    /// The size of an object of which nothing is to be said.
    pub(super) fn clean(&self, number: u32) -> Option<u64> {
        let state = self.states.get(number as usize)?.load(Ordering::Relaxed);
        (state != 0 && state & 1 == 0).then(|| u64::from(state >> 1) - 1)
    }

    /// Takes note of an object that was read, and whether something is to be said of it.
    pub(super) fn note(&self, number: u32, size: u64, speaks: bool) {
        let Some(state) = self.states.get(number as usize) else { return };
        // A larger one is read every time.
        if size < u64::from(u32::MAX >> 1) {
            state.store((size as u32 + 1) << 1 | u32::from(speaks), Ordering::Relaxed);
        }
    }

    /// Writes what is new.
    pub(super) fn save(&self) {
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        for (pack, saved) in self.packs.iter().zip(saved.iter_mut()) {
            let states = &self.states[pack.objects.start as usize..pack.objects.end as usize];
            let known = states.iter().filter(|state| state.load(Ordering::Relaxed) != 0).count();
            if known == *saved {
                continue;
            }
            match write(pack, states) {
                Ok(()) => *saved = known,
                Err(error) => {
                    self.cache.note(format!("{} could not be written: {error}", pack.path.display()));
                    return;
                }
            }
        }
        self.cache.tidy();
    }

    /// Reads the file of a pack; gives how many objects it knows of.
    fn load(&self, pack: &Pack) -> Result<usize, String> {
        let file = match File::open(&pack.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error.to_string()),
        };
        let meta = file.metadata().map_err(|e| e.to_string())?;
        if !is_trusted(&meta, self.cache.user) {
            return Err("it is somebody else's, or others may write to it".into());
        }
        // A number of 31 bits takes five bytes at most.
        let most = (pack.head.len() + HASH + 5 * pack.objects.len()) as u64;
        if meta.len() > most {
            return Err("it is too long".into());
        }
        let broken = || "it is broken".to_owned();
        let end = meta.len().checked_sub(HASH as u64).ok_or_else(broken)?;
        if !is_whole(&file, end).map_err(|e| e.to_string())? {
            return Err(broken());
        }
        // Piece by piece: what is known of a long history should not be in memory twice.
        (&file).rewind().map_err(|e| e.to_string())?;
        let mut rest = BufReader::new((&file).take(end));
        let mut head = vec![0; pack.head.len()];
        if rest.read_exact(&mut head).is_err() || head != pack.head {
            return Err(broken());
        }
        let states = &self.states[pack.objects.start as usize..pack.objects.end as usize];
        let mut known = 0;
        for state in states {
            let value = get(&mut rest).ok_or_else(broken)?;
            known += usize::from(value != 0);
            state.store(value, Ordering::Relaxed);
        }
        if !matches!(rest.read(&mut [0]), Ok(0)) {
            return Err(broken());
        }
        if let Ok(file) = OpenOptions::new().append(true).open(&pack.path) {
            let _ = file.set_modified(SystemTime::now());
        }
        Ok(known)
    }
}

/// Whether the file ends in the hash of its first `end` bytes.
fn is_whole(mut file: &File, end: u64) -> io::Result<bool> {
    let (mut hash, mut left, mut piece) = (Sha256::new(), end, vec![0; PIECE]);
    while left > 0 {
        let want = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        file.read_exact(&mut piece[..want])?;
        hash.update(&piece[..want]);
        left -= want as u64;
    }
    let mut stated = [0; HASH];
    file.read_exact(&mut stated)?;
    Ok(hash.finalize()[..] == stated)
}

/// Writes a pack's file under another name and renames it: there is never half of one.
fn write(pack: &Pack, states: &[AtomicU32]) -> io::Result<()> {
    let dir = pack.path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    let mut hash = Sha256::new();
    let mut bytes = pack.head.clone();
    for state in states {
        put(&mut bytes, state.load(Ordering::Relaxed));
        if bytes.len() >= PIECE {
            hash.update(&bytes);
            file.write_all(&bytes)?;
            bytes.clear();
        }
    }
    hash.update(&bytes);
    file.write_all(&bytes)?;
    file.write_all(&hash.finalize())?;
    file.persist(&pack.path)?;
    Ok(())
}

fn put(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn get(bytes: &mut impl Read) -> Option<u32> {
    let (mut number, mut shift) = (0u32, 0);
    loop {
        let mut byte = [0];
        bytes.read_exact(&mut byte).ok()?;
        let [byte] = byte;
        number |= u32::from(byte & 0x7f).checked_shl(shift)?;
        shift += 7;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        let mut bytes = Vec::new();
        let numbers = [0, 1, 0x7f, 0x80, 300, 1 << 21, u32::MAX];
        for number in numbers {
            put(&mut bytes, number);
        }
        let mut rest = bytes.as_slice();
        for number in numbers {
            assert_eq!(get(&mut rest), Some(number));
        }
        assert_eq!(get(&mut rest), None);
        assert_eq!(get(&mut [0xff; 9].as_slice()), None);
    }
}
