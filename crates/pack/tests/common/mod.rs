//! Repositories made by git, and a visitor that checks what it is shown.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "each test file uses a part"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::process::Stdio;
use std::sync::Arc;

use stopleak_pack::{Base, Hash, Kind, LargeObject, Object, ObjectId, Options, Plan, Problem, Store, Visit};
use stopleak_testkit::rng::Rng;
use stopleak_testkit::world::{Init, Repository, World};

pub type Objects = BTreeMap<ObjectId, (Kind, Vec<u8>)>;

/// All objects of a repository, as git prints them.
pub fn oracle(repo: &Repository<'_>) -> Objects {
    let out = repo.try_git(&["cat-file", "--batch-all-objects", "--batch", "--buffer"]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let mut rest = out.stdout.as_slice();
    let mut objects = Objects::new();
    while !rest.is_empty() {
        let line = rest.iter().position(|&b| b == b'\n').unwrap();
        let words: Vec<&[u8]> = rest[..line].split(|&b| b == b' ').collect();
        let size: usize = std::str::from_utf8(words[2]).unwrap().parse().unwrap();
        let bytes = rest[line + 1..line + 1 + size].to_vec();
        let kind = Kind::from_name(words[1]).unwrap();
        objects.insert(ObjectId::from_hex(words[0]).unwrap(), (kind, bytes));
        rest = &rest[line + 2 + size..];
    }
    objects
}

/// Collects all objects and checks that copies tell the truth.
#[derive(Default)]
pub struct Collect {
    pub objects: Vec<(ObjectId, Kind, Vec<u8>)>,
    pub problems: Vec<Problem>,
    pub bases: usize,
    pub inherited: usize,
    pub large: usize,
}

impl Collect {
    fn check(object: &Object<'_>, base: Option<Base<'_, Arc<[u8]>>>) {
        let Some(base) = base else { return };
        let mut end = 0;
        for (i, copy) in base.copies.iter().enumerate() {
            assert!(copy.len > 0 && copy.to >= end, "sorted by `to`: {:?}", base.copies);
            if let Some(last) = i.checked_sub(1).map(|i| base.copies[i]) {
                let continues = last.to + last.len == copy.to && last.from + last.len == copy.from;
                assert!(!continues, "merged: {:?}", base.copies);
            }
            let child = &object.bytes[copy.to..copy.to + copy.len];
            assert!(child == &base.value[copy.from..copy.from + copy.len], "the same bytes");
            end = copy.to + copy.len;
        }
    }
}

impl Visit for Collect {
    type Value = Arc<[u8]>;

    fn object(&mut self, object: Object<'_>, base: Option<Base<'_, Self::Value>>) -> Self::Value {
        self.inherited += usize::from(base.is_some());
        Self::check(&object, base);
        self.objects.push((*object.id, object.kind, object.bytes.to_vec()));
        Arc::from(object.bytes)
    }

    fn large(&mut self, object: LargeObject<'_>, bytes: &mut dyn Read) {
        let mut all = Vec::new();
        if bytes.read_to_end(&mut all).is_ok() {
            assert_eq!(all.len() as u64, object.size);
            self.large += 1;
            self.objects.push((*object.id, object.kind, all));
        }
    }

    fn base(&mut self, object: Object<'_>, base: Option<Base<'_, Self::Value>>) -> Option<Self::Value> {
        Self::check(&object, base);
        self.bases += 1;
        Some(Arc::from(object.bytes))
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}

/// What a walk over `plan` gave. No object twice.
pub fn collect(plan: &Plan<'_>, options: &Options) -> (Objects, Collect) {
    let mut all = Collect::default();
    for part in plan.walk(options, |_| Collect::default()) {
        all.objects.extend(part.objects);
        all.problems.extend(part.problems);
        all.bases += part.bases;
        all.inherited += part.inherited;
        all.large += part.large;
    }
    let count = all.objects.len();
    let objects: Objects = all.objects.drain(..).map(|(id, kind, bytes)| (id, (kind, bytes))).collect();
    assert_eq!(objects.len(), count, "an object was visited twice");
    (objects, all)
}

/// All kinds, with so many threads.
pub fn options(threads: usize) -> Options {
    Options { threads, kinds: Kind::ALL.to_vec(), ..Options::default() }
}

pub fn hash(repo: &Repository<'_>) -> Hash {
    match repo.git(&["rev-parse", "--show-object-format"]).as_str() {
        "sha256" => Hash::Sha256,
        _ => Hash::Sha1,
    }
}

pub fn objects_dir(repo: &Repository<'_>) -> std::path::PathBuf {
    repo.git(&["rev-parse", "--path-format=absolute", "--git-path", "objects"]).into()
}

pub fn open(repo: &Repository<'_>) -> Store {
    Store::open(&objects_dir(repo), &[], hash(repo)).unwrap()
}

/// Same objects, same bytes, and nothing to complain of.
#[track_caller]
pub fn assert_same(got: &(Objects, Collect), want: &Objects) {
    assert_eq!(got.1.problems, [], "problems");
    let missing: Vec<_> = want.keys().filter(|id| !got.0.contains_key(id)).collect();
    assert!(missing.is_empty(), "not visited: {missing:?}");
    assert!(got.0 == *want, "other bytes than git's");
}

pub fn init<'w>(world: &'w World, name: &str, sha256: bool) -> Repository<'w> {
    world.init(name, Init { sha256, bare: true, ..Init::default() })
}

/// Feeds a stream to `git fast-import`, which makes one pack of it.
pub fn import(repo: &Repository<'_>, stream: &[u8]) {
    let mut command = repo.command(&["fast-import", "--quiet", "--force"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(stream).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

/// One change of a history.
#[derive(Debug, Clone)]
pub enum Edit {
    /// Overwrite a line of a file, or append it.
    Line { file: u8, line: u8, text: u16 },
    /// Remove a line.
    Cut { file: u8, line: u8 },
    /// Copy one file over another.
    Copy { from: u8, to: u8 },
    /// Remove a file.
    Remove { file: u8 },
    /// Put many lines of noise into a file.
    Noise { file: u8, seed: u16 },
}

/// A random list of edits.
pub fn edits(seed: u64, count: usize) -> Vec<Edit> {
    let mut rng = Rng::new(seed);
    let mut byte = move |below: u64| (rng.next_u64() % below) as u16;
    (0..count)
        .map(|_| {
            let (file, line, text) = (byte(9) as u8, byte(60) as u8, byte(5000));
            match byte(20) {
                0 => Edit::Remove { file },
                1 => Edit::Copy { from: byte(9) as u8, to: file },
                2 => Edit::Noise { file, seed: text },
                3 | 4 => Edit::Cut { file, line },
                _ => Edit::Line { file, line, text },
            }
        })
        .collect()
}

fn path(file: u8) -> String {
    // Folders of several depths, names with bytes that git would quote.
    match file % 4 {
        0 => format!("file{file}"),
        1 => format!("src/file{file}.rs"),
        2 => format!("src/deep/er/file {file}"),
        _ => format!("docs/f\u{e4}le{file}"),
    }
}

/// A stream for `git fast-import` with one commit per edit on `main`, and a tag at the end.
pub fn stream(edits: &[Edit]) -> Vec<u8> {
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in 0..6u8 {
        let lines =
            (0..40u32).map(|line| format!("line {line} of file {file}: {}", line * 7919 + u32::from(file)));
        files.insert(path(file), lines.collect());
    }
    let mut out = String::new();
    for (at, edit) in edits.iter().enumerate() {
        match edit {
            Edit::Line { file, line, text } => {
                let lines = files.entry(path(*file)).or_default();
                let text = format!("edited {text} by {at}");
                match lines.get_mut(usize::from(*line)) {
                    Some(old) => *old = text,
                    None => lines.push(text),
                }
            }
            Edit::Cut { file, line } => {
                let lines = files.entry(path(*file)).or_default();
                if usize::from(*line) < lines.len() {
                    lines.remove(usize::from(*line));
                }
            }
            Edit::Copy { from, to } => {
                let lines = files.get(&path(*from)).cloned().unwrap_or_default();
                files.insert(path(*to), lines);
            }
            Edit::Remove { file } => {
                files.remove(&path(*file));
            }
            Edit::Noise { file, seed } => {
                let mut rng = Rng::new(u64::from(*seed));
                let lines = files.entry(path(*file)).or_default();
                lines.extend((0..300).map(|_| format!("{:016x}", rng.next_u64())));
            }
        }
        let message = format!("commit {at}: {edit:?}");
        write!(
            out,
            "commit refs/heads/main\nmark :{}\nauthor A <a@example.org> {} +0000\n\
             committer C <c@example.org> {} +0000\ndata {}\n{message}\n",
            at + 1,
            1_700_000_000 + at,
            1_700_000_000 + at,
            message.len(),
        )
        .unwrap();
        if at > 0 {
            writeln!(out, "from :{at}").unwrap();
        }
        out.push_str("deleteall\n");
        for (path, lines) in &files {
            let text = lines.join("\n");
            writeln!(out, "M 100644 inline \"{path}\"\ndata {}\n{text}", text.len()).unwrap();
        }
    }
    if !edits.is_empty() {
        let n = edits.len();
        writeln!(out, "tag v1\nfrom :{n}\ntagger T <t@example.org> 1700000000 +0000\ndata 3\none").unwrap();
    }
    out.into_bytes()
}

/// Writes a thin pack as it came, with an index for it: something git itself never keeps.
pub fn write_thin_pack(dir: &std::path::Path, pack: &[u8], known: &Objects) {
    let mut builder = builder::Index::default();
    let mut at = 12;
    let mut by_offset: BTreeMap<usize, ObjectId> = BTreeMap::new();
    let count = u32::from_be_bytes(pack[8..12].try_into().unwrap());
    for _ in 0..count {
        let start = at;
        let entry = builder::entry(pack, at);
        let base = entry.back.map(|back| by_offset[&(start - back)]).or(entry.base);
        at = entry.end;
        let id = match base {
            None => Hash::Sha1.object(entry.kind.unwrap(), &entry.data),
            Some(base) => {
                let (kind, bytes) = &known[&base];
                let made = builder::apply(&entry.data, bytes);
                Hash::Sha1.object(*kind, &made)
            }
        };
        by_offset.insert(start, id);
        builder.add(id, start as u64, crc32fast::hash(&pack[start..at]));
    }
    let trailer = &pack[pack.len() - 20..];
    std::fs::write(dir.join("pack-thin.pack"), pack).unwrap();
    std::fs::write(dir.join("pack-thin.idx"), builder.build(Hash::Sha1, trailer)).unwrap();
}

pub mod builder;
