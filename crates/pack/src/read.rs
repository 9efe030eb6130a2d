//! Reading one object, whichever copy of it is whole.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::buffer::Buffer;
use crate::delta::Delta;
use crate::inflate::{Inflater, plausible};
use crate::loose;
use crate::object::Kind;
use crate::oid::ObjectId;
use crate::packfile::{Is, Pack, result_size};
use crate::problem::{Problem, Why};
use crate::store::Store;

/// Objects above this are not taken apart in memory. git makes no deltas of objects above
/// `core.bigFileThreshold`, which is 512 MiB.
pub(crate) const LIMIT: u64 = (512 << 20) + (1 << 20);
/// Bytes of bases that a reader keeps.
const CACHE: usize = 48 << 20;
/// A base broken in one pack is looked for in others, whose bases may be broken too: so deep, and so many copies
/// in all per object asked for. Two packs full of broken copies of the same chain would keep a reader busy for ever.
const NESTED: usize = 8;
const COPIES: u32 = 32;

/// What a reader keeps between reads.
pub(crate) struct ReadState {
    inflater: Inflater,
    cache: Cache,
    delta: Vec<u8>,
    /// How many more copies of bases may be tried for the object that was asked for.
    effort: u32,
}

impl Default for ReadState {
    fn default() -> Self {
        Self { inflater: Inflater::new(), cache: Cache::default(), delta: Vec::new(), effort: 0 }
    }
}

impl fmt::Debug for ReadState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadState").finish_non_exhaustive()
    }
}

/// Reads objects by name, with a cache of delta bases. One per thread.
#[derive(Debug)]
pub struct Reader<'s> {
    store: &'s Store,
    state: ReadState,
}

/// An entry of a pack: which pack, and where.
type Place = (usize, u64);

/// An object in memory, shared with the cache.
pub(crate) type Shared = (Kind, Arc<Buffer>);

impl<'s> Reader<'s> {
    pub(crate) fn with(store: &'s Store, state: ReadState) -> Self {
        Self { store, state }
    }

    pub(crate) fn into_state(self) -> ReadState {
        self.state
    }

    /// Reads one object, whichever copy of it is whole. `None`: there is none. The hash is verified.
    ///
    /// # Errors
    /// Every copy is broken; the problem is that of the first.
    pub fn read(&mut self, id: &ObjectId) -> Result<Option<(Kind, Vec<u8>)>, Problem> {
        Ok(self.shared(id)?.map(|(kind, bytes)| (kind, bytes.to_vec())))
    }

    /// The same, shared with the cache.
    pub(crate) fn shared(&mut self, id: &ObjectId) -> Result<Option<Shared>, Problem> {
        self.state.effort = COPIES;
        self.elsewhere(id, &mut Vec::new())
    }

    /// Reads an object from any copy but the one at `broken`.
    pub(crate) fn other_copy(&mut self, id: &ObjectId, broken: Place) -> Option<Shared> {
        self.state.effort = COPIES;
        self.elsewhere(id, &mut vec![broken]).ok().flatten()
    }

    /// Reads an object from any copy but those in `tried`.
    fn elsewhere(&mut self, id: &ObjectId, tried: &mut Vec<Place>) -> Result<Option<Shared>, Problem> {
        let store = self.store;
        let mut first = None;
        for (number, pack) in store.packs().iter().enumerate() {
            if let Some(found) = self.packed_copy(number, pack, id, tried, &mut first) {
                return Ok(Some(found));
            }
        }
        for dir in store.directories() {
            match self.loose_copy(dir, id) {
                Ok(Some(found)) => return Ok(Some(found)),
                Ok(None) => {}
                Err(why) => {
                    let file = Some(Arc::from(loose::path(dir, id)));
                    first.get_or_insert(Problem { why, id: Some(*id), file, offset: None });
                }
            }
        }
        for (number, pack) in store.late().iter().enumerate() {
            let number = store.packs().len() + number;
            if let Some(found) = self.packed_copy(number, pack, id, tried, &mut first) {
                return Ok(Some(found));
            }
        }
        first.map_or(Ok(None), Err)
    }

    /// The kind of an object, from headers alone: nothing is inflated but the header of a loose object. Not
    /// looked for in pack `except`. `steps` bounds the work on chains. `None`: there is none, or it is broken.
    pub(crate) fn kind(&self, id: &ObjectId, except: usize, steps: &mut u32) -> Option<Kind> {
        let store = self.store;
        let mut packs = store.packs().iter().enumerate().filter(|(number, _)| *number != except);
        packs
            .find_map(|(_, pack)| kind_in(pack, id, steps))
            .or_else(|| {
                let mut dirs = store.directories().iter();
                dirs.find_map(|dir| loose::open(dir, id).ok().flatten().map(|loose| loose.kind))
            })
            .or_else(|| store.late().iter().find_map(|pack| kind_in(pack, id, steps)))
    }

    fn packed_copy(
        &mut self,
        number: usize,
        pack: &Pack,
        id: &ObjectId,
        tried: &mut Vec<Place>,
        first: &mut Option<Problem>,
    ) -> Option<Shared> {
        let offset = pack.index.offset(pack.index.find(id.as_bytes())?).unwrap_or(u64::MAX);
        if tried.contains(&(number, offset)) {
            return None;
        }
        if !tried.is_empty() {
            self.state.effort = self.state.effort.checked_sub(1)?;
        }
        let why = match self.decode(number, pack, offset, tried) {
            Ok((kind, bytes)) if self.store.hash().object(kind, &bytes) == *id => return Some((kind, bytes)),
            Ok(_) => {
                self.state.cache.forget((number, offset));
                Why::Identity
            }
            Err(why) => why,
        };
        first.get_or_insert_with(|| pack.problem(why, Some(*id), offset));
        None
    }

    fn loose_copy(&mut self, dir: &std::path::Path, id: &ObjectId) -> Result<Option<Shared>, Why> {
        let Some(loose) = loose::open(dir, id)? else { return Ok(None) };
        let bytes = loose.content(&mut self.state.inflater, LIMIT)?;
        if self.store.hash().object(loose.kind, &bytes) != *id {
            return Err(Why::Identity);
        }
        Ok(Some((loose.kind, Arc::new(Buffer::from(bytes)))))
    }

    /// Decodes the entry at `offset`: down its chain of deltas to a base that is whole or in the cache, and
    /// up again. A base that is broken is read from elsewhere.
    fn decode(
        &mut self,
        number: usize,
        pack: &Pack,
        offset: u64,
        tried: &mut Vec<Place>,
    ) -> Result<Shared, Why> {
        let mut chain = Vec::new();
        let mut at = offset;
        let mut base = loop {
            if let Some(found) = self.state.cache.get((number, at)) {
                break Ok(found);
            }
            let step = match pack.entry(at) {
                Ok(entry) => match entry.is {
                    Is::Whole(kind) => self.whole(pack, entry.data, entry.size).map(|bytes| {
                        self.state.cache.put((number, at), (kind, Arc::clone(&bytes)));
                        Step::Found((kind, bytes))
                    }),
                    Is::Offset(base) => {
                        chain.push((at, entry));
                        Ok(Step::Inside(base))
                    }
                    Is::Named(id) => {
                        chain.push((at, entry));
                        let inside = pack.index.find(id.as_bytes()).and_then(|pos| pack.index.offset(pos));
                        Ok(inside.map_or(Step::Foreign(id), Step::Inside))
                    }
                },
                Err(why) => Err(why),
            };
            match step {
                Ok(Step::Found(found)) => break Ok(found),
                Ok(Step::Inside(_)) if chain.len() > pack.index.count() as usize => {
                    return Err(Why::BaseCycle);
                }
                Ok(Step::Inside(base)) => at = base,
                Ok(Step::Foreign(id)) => break self.rescue(&id, None, tried, Why::BaseMissing),
                // The broken object is the one that was asked for: its other copies are the caller's to try.
                Err(why) if at == offset => return Err(why),
                Err(_) => break self.rescue_entry(number, pack, at, tried),
            }
        };
        while let Some((at, entry)) = chain.pop() {
            let made = match &base {
                Ok((kind, bytes)) => {
                    self.apply(pack, entry.data, entry.size, bytes).map(|made| (*kind, made))
                }
                Err(why) => Err(*why),
            };
            base = match made {
                Ok(made) => {
                    self.state.cache.put((number, at), (made.0, Arc::clone(&made.1)));
                    Ok(made)
                }
                Err(why) if at == offset => Err(why),
                // Broken, or on a broken base: another copy helps all that are based on it.
                Err(_) => self.rescue_entry(number, pack, at, tried),
            };
        }
        base
    }

    /// Reads the object of a broken entry from another copy.
    fn rescue_entry(
        &mut self,
        number: usize,
        pack: &Pack,
        at: u64,
        tried: &mut Vec<Place>,
    ) -> Result<Shared, Why> {
        let id = pack.id_at(at).ok_or(Why::BaseMissing)?;
        self.rescue(&id, Some((number, at)), tried, Why::BaseBroken)
    }

    /// Reads a base from anywhere but `broken`.
    fn rescue(
        &mut self,
        id: &ObjectId,
        broken: Option<Place>,
        tried: &mut Vec<Place>,
        otherwise: Why,
    ) -> Result<Shared, Why> {
        if tried.len() >= NESTED {
            return Err(otherwise);
        }
        // A name that leads back here by way of another pack is a cycle; the limit ends it.
        tried.push(broken.unwrap_or((usize::MAX, 0)));
        let found = self.elsewhere(id, tried);
        tried.pop();
        match found {
            Ok(Some(found)) => {
                if let Some(place) = broken {
                    self.state.cache.put(place, (found.0, Arc::clone(&found.1)));
                }
                Ok(found)
            }
            Ok(None) => Err(otherwise),
            Err(_) => Err(Why::BaseBroken),
        }
    }

    fn whole(&mut self, pack: &Pack, data: usize, size: u64) -> Result<Arc<Buffer>, Why> {
        let input = pack.slice(data, u64::MAX);
        if size > LIMIT {
            return Err(Why::TooLarge);
        }
        if !plausible(size, input.len()) {
            return Err(Why::SizeMismatch);
        }
        let mut bytes = vec![0; size as usize];
        self.state.inflater.inflate(input, &mut bytes)?;
        Ok(Arc::new(Buffer::from(bytes)))
    }

    fn apply(&mut self, pack: &Pack, data: usize, size: u64, base: &[u8]) -> Result<Arc<Buffer>, Why> {
        let input = pack.slice(data, u64::MAX);
        if size > LIMIT || !plausible(size, input.len()) {
            return Err(Why::SizeMismatch);
        }
        let code = &mut self.state.delta;
        code.resize(size as usize, 0);
        self.state.inflater.inflate(input, code)?;
        let delta = Delta::parse(code)?;
        let mut bytes = vec![0; result_size(&delta, LIMIT)?];
        delta.apply(base, &mut bytes, &mut Vec::new())?;
        if code.capacity() > CACHE {
            *code = Vec::new();
        }
        Ok(Arc::new(Buffer::from(bytes)))
    }
}

enum Step {
    Found(Shared),
    Inside(u64),
    Foreign(ObjectId),
}

/// The kind of an object of this pack: that of the end of its chain, if that is in the pack.
fn kind_in(pack: &Pack, id: &ObjectId, steps: &mut u32) -> Option<Kind> {
    let mut offset = pack.index.offset(pack.index.find(id.as_bytes())?)?;
    loop {
        *steps = steps.checked_sub(1)?;
        offset = match pack.entry(offset).ok()?.is {
            Is::Whole(kind) => return Some(kind),
            Is::Offset(base) => base,
            Is::Named(id) => pack.index.offset(pack.index.find(id.as_bytes())?)?,
        };
    }
}

/// Bases by where they are, in two generations: when the young one is full it becomes the old one, and what
/// was old and not asked for since is dropped.
#[derive(Default)]
struct Cache {
    young: HashMap<Place, Shared>,
    old: HashMap<Place, Shared>,
    bytes: usize,
}

impl Cache {
    fn get(&mut self, place: Place) -> Option<Shared> {
        if let Some((kind, bytes)) = self.young.get(&place) {
            return Some((*kind, Arc::clone(bytes)));
        }
        let found = self.old.remove(&place)?;
        self.put(place, (found.0, Arc::clone(&found.1)));
        Some(found)
    }

    fn put(&mut self, place: Place, object: Shared) {
        let bytes = object.1.held() + 64;
        if bytes > CACHE / 4 {
            return;
        }
        if self.bytes + bytes > CACHE / 2 {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        if self.young.insert(place, object).is_none() {
            self.bytes += bytes;
        }
    }

    fn forget(&mut self, place: Place) {
        self.old.remove(&place);
        self.young.remove(&place);
    }
}
