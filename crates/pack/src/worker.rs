//! One thread of a walk.

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
use crate::walk::{Base, LargeObject, Object, Shared, Visit, Work};

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
    /// Given up for want of memory: can be decoded again.
    Dropped,
    /// Cannot be had.
    Broken,
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
}

/// A base as its child sees it: its bytes, its value, its number.
type OfBase<'a, V> = (Result<&'a [u8], Why>, Option<&'a V>, u32);

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
        }
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
                    self.visit(number, root, Some((Ok(&bytes), value.as_ref(), known)))
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
            self.release(done.bytes);
        }
        let base_number = self.number(number, base);
        let made = {
            let bytes = match &bytes {
                Bytes::Here(bytes) => Ok(&***bytes),
                _ => Err(Why::BaseBroken),
            };
            self.visit(number, child, Some((bytes, value.as_deref(), base_number)))
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
        if let Bytes::Here(bytes) = &bytes {
            self.held += bytes.held();
        }
        let Some((top, below)) = self.stack.split_last_mut() else { return };
        top.bytes = bytes;
        for branch in below {
            if self.held <= self.budget {
                break;
            }
            if matches!(branch.bytes, Bytes::Here(_))
                && let Bytes::Here(bytes) = std::mem::replace(&mut branch.bytes, Bytes::Dropped)
            {
                self.held -= bytes.held();
            }
        }
    }

    /// Takes bytes off the account, without freeing them if somebody uses them.
    fn release(&mut self, bytes: Bytes) {
        if let Bytes::Here(bytes) = bytes {
            self.held -= bytes.held();
        }
    }

    /// Gives the branch furthest from here that can be spared to whoever waits.
    fn share(&mut self) {
        let top = self.stack.len() - 1;
        for at in 0..=top {
            let branch = &self.stack[at];
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
                self.release(done.bytes);
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
                if let Bytes::Here(bytes) = &found.bytes {
                    base = Some(Arc::clone(bytes));
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
                base => self.whole(number, entry, base.as_ref().map(|b| &***b), &mut copies),
            };
            self.copies = copies;
            match made {
                Ok(bytes) => {
                    if let Some(buffer) = base.replace(bytes).and_then(Arc::into_inner) {
                        self.pool.give(buffer);
                    }
                }
                Err(_) => return Bytes::Broken,
            }
        }
        base.map_or(Bytes::Broken, Bytes::Here)
    }

    /// The bytes of a root, without visiting it.
    fn root_bytes(&mut self, number: u32, root: u32, copies: &mut Vec<Copied>) -> Result<Arc<Buffer>, Why> {
        let (forest, pack) = self.forest(number);
        let foreign = match pack.entry(forest.offset(root)).map(|entry| entry.is) {
            Ok(Is::Named(id)) => Some(id),
            Ok(Is::Offset(base)) => pack.id_at(base),
            _ => None,
        };
        let base = foreign.and_then(|id| self.reader.shared(&id).ok().flatten());
        self.whole(number, root, base.as_ref().map(|(_, bytes)| &***bytes), copies)
    }

    /// The bytes of an entry, from another copy if this one is broken.
    fn whole(
        &mut self,
        number: u32,
        entry: u32,
        base: Option<&[u8]>,
        copies: &mut Vec<Copied>,
    ) -> Result<Arc<Buffer>, Why> {
        match self.decode(number, entry, base, copies) {
            Ok(buffer) => Ok(Arc::new(buffer)),
            Err(why) => {
                copies.clear();
                self.rescue(number, entry).ok_or(why)
            }
        }
    }

    /// Decodes an entry, with every check.
    fn decode(
        &mut self,
        number: u32,
        at: u32,
        base: Option<&[u8]>,
        copies: &mut Vec<Copied>,
    ) -> Result<Buffer, Why> {
        let (forest, pack) = self.forest(number);
        let raw = Raw::new(forest, pack, at)?;
        copies.clear();
        let limit = LIMIT;
        if raw.size > limit {
            return Err(Why::TooLarge);
        }
        if !plausible(raw.size, raw.data.len()) {
            return Err(Why::SizeMismatch);
        }
        let size = raw.size as usize;
        let made = if let Is::Whole(_) = raw.is {
            let mut out = self.pool.take(size);
            self.inflater.inflate(raw.data, &mut out).map(|()| out)?
        } else {
            let base = base.ok_or(Why::BaseMissing)?;
            if self.code.len() < size {
                self.code.resize(size.next_power_of_two(), 0);
            }
            let code = &mut self.code[..size];
            self.inflater.inflate(raw.data, code)?;
            let delta = Delta::parse(code)?;
            let mut out = self.pool.take(result_size(&delta, limit)?);
            delta.apply(base, &mut out, copies).map(|()| out)?
        };
        if self.code.len() > SCRATCH {
            self.code = Vec::new();
        }
        // What no checksum of the index vouches for must vouch for itself.
        if (self.shared.options.verify || !raw.vouched)
            && let (Some(pos), Some(kind)) = (forest.pos(at), forest.kind(at))
            && pack.hash.object(kind, &made).as_bytes() != pack.index.name(pos)
        {
            return Err(Why::Identity);
        }
        Ok(made)
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
            && (entry.size > LIMIT || forest.first_child(at).is_none())
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
                self.rescue(number, at).ok_or(why)
            }
            Some(Ok(bytes)) => self.whole(number, at, Some(bytes), &mut copies),
            None => self.whole(number, at, None, &mut copies),
        };
        let made = match made {
            Ok(bytes) => {
                // A copy from elsewhere says nothing about what it shares with the base.
                let base = value
                    .filter(|_| base_bytes.is_some_and(|bytes| bytes.is_ok()))
                    .map(|value| Base { value, number: base_number, copies: &copies });
                let value = self.show(number, at, kind, wanted, &bytes, base);
                Made { bytes: Bytes::Here(bytes), value }
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
            let object = LargeObject { id: &id, number: known, kind, size: bytes.len() as u64 };
            self.visitor.large(object, &mut &*bytes);
            return None;
        }
        let object = Object { id: &id, number: known, kind, bytes };
        if wanted { Some(self.visitor.object(object, base)) } else { self.visitor.base(object, base) }
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
