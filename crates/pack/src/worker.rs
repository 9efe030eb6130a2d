//! One thread of a walk.
//!
//! What a thread holds is bounded whatever the repository has: bases by [`Options::memory`](crate::Options::memory), an
//! object above [`Options::large`](crate::Options::large) that is a delta as a [`Rope`] on the one at the root of its
//! chain, and those roots and all else above [`HEAVY_FROM`] by [`HEAVY`], one thread at a time.

use std::io::Read;
use std::sync::Arc;

use crate::buffer::{Buffer, Pool};
use crate::delta::{Copied, Delta};
use crate::forest::{Forest, NONE};
use crate::hash::Hasher;
use crate::inflate::{Inflater, Stream, plausible};
use crate::loose;
use crate::object::Kind;
use crate::oid::ObjectId;
use crate::packfile::{Is, Pack, result_size};
use crate::problem::{Problem, Why};
use crate::read::{LIMIT, Reader};
use crate::rope::{Rope, Source};
use crate::walk::{Base, LargeObject, Object, Shared, Visit, Work};

/// An object, or the instructions of a delta, above this is held by one thread at a time.
pub(crate) const HEAVY_FROM: usize = 32 << 20;
/// So many bytes may the objects take that are above that.
const HEAVY: usize = 256 << 20;
/// Bytes of delta instructions whose memory is kept for the next.
const SCRATCH: usize = 16 << 20;
/// So many children are given away at once, at most.
const GIFT: usize = 32;

/// A base and its children that are still to be visited.
pub(crate) struct Branch<V> {
    forest: u32,
    /// The base's entry.
    entry: u32,
    /// The next child, and the one to stop before.
    next: u32,
    until: u32,
    bytes: Bytes,
    /// What the visitor returned for the base.
    value: Option<Arc<V>>,
}

/// The bytes of a base.
#[derive(Clone)]
enum Bytes {
    Here(Arc<Buffer>),
    /// Too large to be held: as ranges of others.
    Rope(Arc<Rope>),
    /// Given up for want of memory: can be decoded again.
    Dropped,
    /// Cannot be had.
    Broken,
}

impl Bytes {
    /// Bytes of memory that they take.
    fn held(&self) -> usize {
        match self {
            Self::Here(bytes) => bytes.held(),
            Self::Rope(rope) => rope.weight(),
            Self::Dropped | Self::Broken => 0,
        }
    }

    fn is_heavy(&self) -> bool {
        matches!(self, Self::Here(bytes) if bytes.held() > HEAVY_FROM + (1 << 16))
    }

    /// What a delta copies from.
    fn source(&self) -> Option<Source<'_>> {
        match self {
            Self::Here(bytes) => Some(Source::Whole(bytes)),
            Self::Rope(rope) => Some(Source::Rope(rope)),
            Self::Dropped | Self::Broken => None,
        }
    }
}

pub(crate) struct Worker<'w, 'p, 's, V: Visit> {
    shared: &'w Shared<'p, 's, V::Value>,
    visitor: &'w mut V,
    threads: usize,
    inflater: Inflater,
    pool: Pool,
    reader: Reader<'s>,
    /// Inflated delta instructions.
    code: Vec<u8>,
    copies: Vec<Copied>,
    stack: Vec<Branch<V::Value>>,
    /// Bytes held by bases on the stack, and how many may be.
    held: usize,
    budget: usize,
    /// Whether this is the thread that may hold heavy objects.
    heavy: bool,
}

/// A base as its child sees it: its bytes, its value, its number.
type OfBase<'a, V> = (Result<Source<'a>, Why>, Option<&'a V>, u32);

/// What a visit left behind for the children.
struct Made<V> {
    bytes: Bytes,
    value: Option<V>,
}

impl<'w, 'p, 's, V: Visit> Worker<'w, 'p, 's, V> {
    pub(crate) fn new(shared: &'w Shared<'p, 's, V::Value>, visitor: &'w mut V, threads: usize) -> Self {
        let budget = shared.options.memory / threads;
        Self {
            shared,
            visitor,
            threads,
            inflater: Inflater::new(),
            pool: Pool::new(budget / 4),
            reader: shared.plan.store.reader(),
            code: Vec::new(),
            copies: Vec::new(),
            stack: Vec::new(),
            held: 0,
            budget,
            heavy: false,
        }
    }

    pub(crate) fn run(mut self) {
        // A panic of a visitor must not leave the other threads waiting for this one.
        struct OnPanic<'a, 'p, 's, V>(&'a Shared<'p, 's, V>);
        impl<V> Drop for OnPanic<'_, '_, '_, V> {
            fn drop(&mut self) {
                if std::thread::panicking() {
                    self.0.stop();
                }
            }
        }
        let _guard = OnPanic(self.shared);
        while let Some(work) = self.shared.next(self.threads) {
            match work {
                Work::Root(forest, root) => self.root(forest, root),
                Work::Loose(at) => self.loose(at),
                Work::Branch(branch) => self.push(branch),
            }
            while !self.stack.is_empty() && !self.shared.is_stopped() {
                if self.shared.wants_gift() {
                    self.share();
                }
                self.step();
            }
            if self.heavy {
                // What is held after this work is light.
                self.stack.clear();
                self.held = 0;
                self.heavy = false;
                self.shared.leave_heavy();
            }
        }
    }

    /// Waits for the right to hold heavy objects.
    fn weigh(&mut self, bytes: usize) -> Result<(), Why> {
        if bytes > HEAVY_FROM && !self.heavy {
            self.heavy = self.shared.enter_heavy();
            if !self.heavy {
                return Err(Why::TooLarge); // nobody waits for it any more
            }
        }
        Ok(())
    }

    fn forest(&self, number: u32) -> (&'p Forest<'s>, &'s Pack) {
        let forest = &self.shared.plan.forests[number as usize];
        (forest, &self.shared.plan.store.packs()[forest.pack])
    }

    /// Visits the first entry of a tree.
    fn root(&mut self, number: u32, root: u32) {
        let (forest, pack) = self.forest(number);
        let foreign = match pack.entry(forest.offset(root)).map(|entry| entry.is) {
            Ok(Is::Named(id)) => Some(id),
            Ok(Is::Offset(base)) => pack.id_at(base), // a rescued one
            _ => None,
        };
        let made = match foreign {
            None => self.visit(number, root, None),
            Some(id) => match self.reader.shared(&id) {
                Ok(Some((kind, bytes))) => {
                    let known = self.shared.plan.store.number(&id).unwrap_or(u32::MAX);
                    let object = Object { id: &id, number: known, kind, bytes: &bytes };
                    let value = self.visitor.base(object, None);
                    let source = Source::Whole(&bytes);
                    self.visit(number, root, Some((Ok(source), value.as_ref(), known)))
                }
                Ok(None) => self.visit(number, root, Some((Err(Why::BaseMissing), None, 0))),
                Err(_) => self.visit(number, root, Some((Err(Why::BaseBroken), None, 0))),
            },
        };
        self.descend(number, root, made);
    }

    /// Visits the next child of the base on top of the stack.
    fn step(&mut self) {
        let Some(top) = self.stack.last_mut() else { return };
        let (number, base, child) = (top.forest, top.entry, top.next);
        let forest = &self.shared.plan.forests[number as usize];
        top.next = forest.next_sibling(child).unwrap_or(NONE);
        let last = top.next == top.until;
        let mut bytes = top.bytes.clone();
        let value = top.value.clone();
        if matches!(bytes, Bytes::Dropped) {
            bytes = self.restore(number, base);
            if !last {
                self.hold(bytes.clone());
            }
        }
        if last && let Some(done) = self.stack.pop() {
            self.release(&done.bytes);
        }
        let base_number = self.number(number, base);
        let made = {
            let source = bytes.source().ok_or(Why::BaseBroken);
            self.visit(number, child, Some((source, value.as_deref(), base_number)))
        };
        if let Bytes::Here(bytes) = bytes
            && let Some(buffer) = Arc::into_inner(bytes)
        {
            self.pool.give(buffer);
        }
        self.descend(number, child, made);
    }

    /// Puts what was made on the stack, if it has children.
    fn descend(&mut self, number: u32, entry: u32, made: Made<V::Value>) {
        let (forest, _) = self.forest(number);
        match forest.first_child(entry) {
            Some(next) => self.push(Branch {
                forest: number,
                entry,
                next,
                until: NONE,
                bytes: made.bytes,
                value: made.value.map(Arc::new),
            }),
            None => {
                if let Bytes::Here(bytes) = made.bytes
                    && let Some(buffer) = Arc::into_inner(bytes)
                {
                    self.pool.give(buffer);
                }
            }
        }
    }

    fn push(&mut self, mut branch: Branch<V::Value>) {
        let bytes = std::mem::replace(&mut branch.bytes, Bytes::Dropped);
        self.stack.push(branch);
        self.hold(bytes);
    }

    /// Gives `bytes` to the top of the stack, and drops the bytes of those furthest from it past the budget.
    fn hold(&mut self, bytes: Bytes) {
        self.held += bytes.held();
        let Some((top, below)) = self.stack.split_last_mut() else { return };
        top.bytes = bytes;
        // A heavy root is what all others are ranges of; to drop it would free nothing.
        let root = below.first().filter(|root| root.bytes.is_heavy()).map_or(0, |root| root.bytes.held());
        for branch in below.iter_mut().skip(usize::from(root > 0)) {
            if self.held <= self.budget + root {
                break;
            }
            if matches!(branch.bytes, Bytes::Here(_) | Bytes::Rope(_)) {
                self.held -= std::mem::replace(&mut branch.bytes, Bytes::Dropped).held();
            }
        }
    }

    /// Takes bytes off the account, without freeing them if somebody uses them.
    fn release(&mut self, bytes: &Bytes) {
        self.held -= bytes.held();
    }

    /// Gives the branch furthest from here that can be spared to whoever waits.
    fn share(&mut self) {
        let top = self.stack.len() - 1;
        for at in 0..=top {
            let branch = &self.stack[at];
            // Heavy objects stay with the thread that may hold them.
            if branch.bytes.is_heavy() || matches!(branch.bytes, Bytes::Rope(_)) {
                continue;
            }
            let forest = &self.shared.plan.forests[branch.forest as usize];
            // The last child is the heaviest; the top keeps it.
            let mut end = branch.next;
            let mut taken = 0;
            while end != branch.until && taken < GIFT {
                let next = forest.next_sibling(end).unwrap_or(NONE);
                if at == top && next == branch.until {
                    break;
                }
                end = next;
                taken += 1;
            }
            if taken == 0 {
                continue;
            }
            let gift = Branch {
                forest: branch.forest,
                entry: branch.entry,
                next: branch.next,
                until: end,
                bytes: branch.bytes.clone(),
                value: branch.value.clone(),
            };
            if end == branch.until {
                let done = self.stack.remove(at);
                self.release(&done.bytes);
            } else {
                self.stack[at].next = end;
            }
            self.shared.give(gift);
            return;
        }
    }

    /// Decodes a base again whose bytes were dropped: from the nearest ancestor that has its bytes.
    fn restore(&mut self, number: u32, entry: u32) -> Bytes {
        let (forest, _) = self.forest(number);
        let mut chain = vec![entry];
        let mut base = None;
        let mut stack = self.stack.iter().rev().skip(1);
        let mut at = entry;
        while let Some(parent) = forest.parent(at) {
            // Ancestors on the stack are in order, but some are missing: those that were done with.
            let mut ancestors = stack.clone();
            if let Some(found) = ancestors.find(|branch| branch.forest == number && branch.entry == parent) {
                stack = ancestors;
                if found.bytes.source().is_some() {
                    base = Some(found.bytes.clone());
                    break;
                }
            }
            chain.push(parent);
            at = parent;
        }
        while let Some(entry) = chain.pop() {
            let mut copies = std::mem::take(&mut self.copies);
            let made = match &base {
                None if forest.parent(entry).is_none() => self.root_bytes(number, entry, &mut copies),
                base => self.make(number, entry, base.as_ref().and_then(Bytes::source), &mut copies),
            };
            self.copies = copies;
            match made {
                Ok(bytes) => {
                    if let Some(Bytes::Here(old)) = base.replace(bytes)
                        && let Some(buffer) = Arc::into_inner(old)
                    {
                        self.pool.give(buffer);
                    }
                }
                Err(_) => return Bytes::Broken,
            }
        }
        base.unwrap_or(Bytes::Broken)
    }

    /// The bytes of a root, without visiting it.
    fn root_bytes(&mut self, number: u32, root: u32, copies: &mut Vec<Copied>) -> Result<Bytes, Why> {
        let (forest, pack) = self.forest(number);
        let foreign = match pack.entry(forest.offset(root)).map(|entry| entry.is) {
            Ok(Is::Named(id)) => Some(id),
            Ok(Is::Offset(base)) => pack.id_at(base),
            _ => None,
        };
        let base = foreign.and_then(|id| self.reader.shared(&id).ok().flatten());
        self.make(number, root, base.as_ref().map(|(_, bytes)| Source::Whole(bytes)), copies)
    }

    /// The bytes of an entry, from another copy if this one is broken.
    fn make(
        &mut self,
        number: u32,
        entry: u32,
        base: Option<Source<'_>>,
        copies: &mut Vec<Copied>,
    ) -> Result<Bytes, Why> {
        match self.decode(number, entry, base, copies) {
            Ok(made) => Ok(made),
            // Another copy is as large.
            Err(Why::TooLarge) => Err(Why::TooLarge),
            Err(why) => {
                copies.clear();
                self.rescue(number, entry).map(Bytes::Here).ok_or(why)
            }
        }
    }

    /// Decodes an entry, with every check.
    fn decode(
        &mut self,
        number: u32,
        at: u32,
        base: Option<Source<'_>>,
        copies: &mut Vec<Copied>,
    ) -> Result<Bytes, Why> {
        let (forest, pack) = self.forest(number);
        let raw = Raw::new(forest, pack, at)?;
        copies.clear();
        if raw.size > HEAVY as u64 {
            return Err(Why::TooLarge);
        }
        if !plausible(raw.size, raw.data.len()) {
            return Err(Why::SizeMismatch);
        }
        let size = raw.size as usize;
        self.weigh(size)?;
        let made = if let Is::Whole(_) = raw.is {
            let mut out = self.pool.take(size);
            self.inflater.inflate(raw.data, &mut out)?;
            Bytes::Here(Arc::new(out))
        } else {
            let base = base.ok_or(Why::BaseMissing)?;
            if base.weight() + size > HEAVY {
                return Err(Why::TooLarge);
            }
            let mut code = std::mem::take(&mut self.code);
            if code.len() < size {
                // Twice as much is worth its memory while it is little.
                code.resize(if size < SCRATCH { size.next_power_of_two() } else { size }, 0);
            }
            let made = self.undelta(raw.data, &mut code[..size], base, copies);
            if code.len() <= SCRATCH {
                self.code = code;
            }
            made?
        };
        // What no checksum of the index vouches for must vouch for itself.
        if (self.shared.options.verify || !raw.vouched)
            && let (Some(pos), Some(kind)) = (forest.pos(at), forest.kind(at))
            && hash_of(&made, kind, pack.hash).is_some_and(|id| id.as_bytes() != pack.index.name(pos))
        {
            return Err(Why::Identity);
        }
        Ok(made)
    }

    /// Makes the object of a base and a delta, whose instructions go to `code`.
    fn undelta(
        &mut self,
        data: &[u8],
        code: &mut [u8],
        base: Source<'_>,
        copies: &mut Vec<Copied>,
    ) -> Result<Bytes, Why> {
        self.inflater.inflate(data, code)?;
        let delta = Delta::parse(code)?;
        let size = result_size(&delta, LIMIT)?;
        if size as u64 > self.shared.options.large {
            return Rope::new(base, code.to_vec(), HEAVY).map(|rope| Bytes::Rope(Arc::new(rope)));
        }
        if size > HEAVY {
            return Err(Why::TooLarge);
        }
        self.weigh(size)?;
        let mut out = self.pool.take(size);
        match base {
            Source::Whole(base) => delta.apply(base, &mut out, copies)?,
            Source::Rope(base) => {
                delta.apply_from(base.len(), &mut out, |from, out| base.read_at(from, out))?;
            }
        }
        Ok(Bytes::Here(Arc::new(out)))
    }

    /// Reads the object of a broken entry from another copy.
    fn rescue(&mut self, number: u32, at: u32) -> Option<Arc<Buffer>> {
        let (forest, _) = self.forest(number);
        let id = self.id(number, at)?;
        let (kind, bytes) = self.reader.other_copy(&id, (forest.pack, forest.offset(at)))?;
        (Some(kind) == forest.kind(at)).then_some(bytes)
    }

    fn id(&self, number: u32, at: u32) -> Option<ObjectId> {
        let (forest, pack) = self.forest(number);
        match forest.pos(at) {
            Some(pos) => Some(pack.index.id(pos)),
            None => pack.id_at(forest.offset(at)),
        }
    }

    fn number(&self, number: u32, at: u32) -> u32 {
        let (forest, _) = self.forest(number);
        forest.pos(at).map_or(u32::MAX, |pos| self.shared.plan.store.start(forest.pack) + pos)
    }

    fn problem(&mut self, number: u32, at: u32, why: Why) {
        let (forest, pack) = self.forest(number);
        let id = self.id(number, at);
        self.visitor.problem(pack.problem(why, id, forest.offset(at)));
    }

    /// Decodes one entry and shows it to the visitor.
    fn visit(&mut self, number: u32, at: u32, base: Option<OfBase<'_, V::Value>>) -> Made<V::Value> {
        let (forest, pack) = self.forest(number);
        let broken = Made { bytes: Bytes::Broken, value: None };
        let Some(kind) = forest.kind(at) else { return broken };
        let wanted = forest.is_wanted(at);
        if wanted
            && let Ok(entry) = pack.entry(forest.offset(at))
            && let Is::Whole(_) = entry.is
            && entry.size > self.shared.options.large
            && (entry.size > HEAVY as u64 || forest.first_child(at).is_none())
        {
            match Raw::new(forest, pack, at) {
                Ok(raw) => self.stream(number, at, kind, &raw),
                Err(why) => self.problem(number, at, why),
            }
            return broken;
        }
        let mut copies = std::mem::take(&mut self.copies);
        let (base_bytes, value, base_number) = match base {
            Some((bytes, value, number)) => (Some(bytes), value, number),
            None => (None, None, 0),
        };
        let made = match base_bytes {
            // Not even tried: the base's own reason is better than what decoding would say.
            Some(Err(why)) => {
                copies.clear();
                self.rescue(number, at).map(Bytes::Here).ok_or(why)
            }
            Some(Ok(base)) => self.make(number, at, Some(base), &mut copies),
            None => self.make(number, at, None, &mut copies),
        };
        let made = match made {
            Ok(bytes) => {
                // A copy from elsewhere says nothing about what it shares with the base.
                let base = value
                    .filter(|_| base_bytes.is_some_and(|bytes| bytes.is_ok()))
                    .map(|value| Base { value, number: base_number, copies: &copies });
                let value = match &bytes {
                    Bytes::Here(bytes) => self.show(number, at, kind, wanted, bytes, base),
                    Bytes::Rope(rope) if wanted => {
                        self.show_large(number, at, kind, rope.len(), &mut rope.reader());
                        None
                    }
                    _ => None,
                };
                Made { bytes, value }
            }
            Err(why) => {
                if wanted {
                    self.problem(number, at, why);
                }
                broken
            }
        };
        self.copies = copies;
        made
    }

    fn show(
        &mut self,
        number: u32,
        at: u32,
        kind: Kind,
        wanted: bool,
        bytes: &[u8],
        base: Option<Base<'_, V::Value>>,
    ) -> Option<V::Value> {
        let (_, pack) = self.forest(number);
        let known = self.number(number, at);
        let Some(pos) = self.shared.plan.forests[number as usize].pos(at) else {
            return None; // a base nobody asked for, whose name would cost a search
        };
        let id = pack.index.id(pos);
        if wanted && bytes.len() as u64 > self.shared.options.large {
            self.show_large(number, at, kind, bytes.len() as u64, &mut &*bytes);
            return None;
        }
        let object = Object { id: &id, number: known, kind, bytes };
        if wanted { Some(self.visitor.object(object, base)) } else { self.visitor.base(object, base) }
    }

    /// Shows an object that is there, if not in one piece, as a stream.
    fn show_large(&mut self, number: u32, at: u32, kind: Kind, size: u64, bytes: &mut dyn Read) {
        let Some(id) = self.id(number, at) else { return };
        let object = LargeObject { id: &id, number: self.number(number, at), kind, size };
        self.visitor.large(object, bytes);
    }

    /// Shows a whole object as a stream.
    fn stream(&mut self, number: u32, at: u32, kind: Kind, raw: &Raw<'_>) {
        let Some(id) = self.id(number, at) else { return };
        let object = LargeObject { id: &id, number: self.number(number, at), kind, size: raw.size };
        let hash = self.shared.plan.store.hash();
        let check = self.shared.options.verify || !raw.vouched;
        let why = show_stream(self.visitor, object, Stream::new(raw.data, raw.size), check.then_some(hash));
        if let Some(why) = why {
            self.problem(number, at, why);
        }
    }

    /// Visits a loose object.
    fn loose(&mut self, at: u32) {
        let store = self.shared.plan.store;
        let Some(&(id, dir)) = store.loose().ids.get(at as usize) else { return };
        let dir = &store.directories()[dir as usize];
        let number = store.packed() + at;
        let opened = loose::open(dir, &id);
        if let Ok(Some(loose)) = &opened {
            if !self.shared.options.kinds.contains(&loose.kind) {
                return;
            }
            if loose.size > self.shared.options.large {
                let object = LargeObject { id: &id, number, kind: loose.kind, size: loose.size };
                let why = match loose.stream() {
                    Ok(stream) => show_stream(self.visitor, object, stream, Some(store.hash())),
                    Err(why) => Some(why),
                };
                if let Some(why) = why {
                    let file = Some(Arc::from(loose::path(dir, &id)));
                    self.visitor.problem(Problem { why, id: Some(id), file, offset: None });
                }
                return;
            }
        }
        // From here, if the file is gone, as after `git gc`, or from wherever else the object is.
        match self.reader.shared(&id) {
            Ok(Some((kind, bytes))) => {
                if self.shared.options.kinds.contains(&kind) {
                    self.visitor.object(Object { id: &id, number, kind, bytes: &bytes }, None);
                }
            }
            Ok(None) => {
                let file = Some(Arc::from(loose::path(dir, &id)));
                self.visitor.problem(Problem { why: Why::Vanished, id: Some(id), file, offset: None });
            }
            Err(problem) => self.visitor.problem(problem),
        }
    }
}

/// The name of an object with this content.
fn hash_of(bytes: &Bytes, kind: Kind, hash: crate::hash::Hash) -> Option<ObjectId> {
    match bytes {
        Bytes::Here(bytes) => Some(hash.object(kind, bytes)),
        Bytes::Rope(rope) => {
            let mut hasher = Hasher::object(hash, kind, rope.len());
            rope.each(|piece| hasher.update(piece));
            Some(hasher.finish())
        }
        Bytes::Dropped | Bytes::Broken => None,
    }
}

/// The bytes of an entry, its header read.
struct Raw<'s> {
    is: Is,
    size: u64,
    data: &'s [u8],
    /// Whether the index's checksum of the entry was verified.
    vouched: bool,
}

impl<'s> Raw<'s> {
    fn new(forest: &Forest<'s>, pack: &'s Pack, at: u32) -> Result<Self, Why> {
        let offset = forest.offset(at);
        let end = forest.end(at, pack);
        let mut vouched = false;
        if let (Some(end), Some(crc)) = (end, forest.pos(at).and_then(|pos| pack.index.crc(pos))) {
            if crc32fast::hash(pack.slice(offset as usize, end)) != crc {
                return Err(Why::EntryChecksum);
            }
            vouched = true;
        }
        let entry = pack.entry(offset)?;
        let data = pack.slice(entry.data, end.unwrap_or(u64::MAX));
        Ok(Self { is: entry.is, size: entry.size, data, vouched })
    }
}

/// Shows a stream to the visitor. Gives what was wrong with it, also if the visitor did not care, or left before
/// the end.
fn show_stream<V: Visit, R: std::io::BufRead>(
    visitor: &mut V,
    object: LargeObject<'_>,
    stream: Stream<R>,
    check: Option<crate::hash::Hash>,
) -> Option<Why> {
    let hasher = check.map(|hash| Hasher::object(hash, object.kind, object.size));
    let mut watched = Watched { stream, hasher };
    visitor.large(object, &mut watched);
    if let Some(why) = watched.stream.failed {
        return Some(why);
    }
    // The rest, if any, and the checksum at the end.
    let mut rest = vec![0; 1 << 16];
    loop {
        match watched.read(&mut rest) {
            Ok(0) => break,
            Ok(_) => {}
            Err(_) => return watched.stream.failed.or(Some(Why::Inflate)),
        }
    }
    (watched.hasher.is_some_and(|hasher| hasher.finish() != *object.id)).then_some(Why::Identity)
}

struct Watched<R> {
    stream: Stream<R>,
    hasher: Option<Hasher>,
}

impl<R: std::io::BufRead> Read for Watched<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let made = self.stream.read(out)?;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&out[..made]);
        }
        Ok(made)
    }
}
