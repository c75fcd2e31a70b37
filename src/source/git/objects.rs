//! Reads objects by their names, through `git cat-file`.

use super::limits::Memory;
use super::process::{Git, Process, is_out_of_memory, reason};
use crate::error::{Error, Result};
use crate::model::{ObjectId, Reason, Rejection};
use crate::source::container::kind::kind_name;
use crate::source::file::read::too_large;
use sha2::Digest;
use std::ffi::OsStr;
use std::io::{self, BufRead, Read};
use std::os::unix::process::ExitStatusExt;

/// git never writes longer lines.
const LONGEST_LINE: u64 = 4 << 10;

/// Memory that git may use for one object, in addition to several times its wanted size: the deltas that it
/// is made of may be larger.
const READING: u64 = 512 << 20;

/// The entries of one folder, in bytes.
const MOST_OF_FOLDER: u64 = 64 << 20;

/// Reads objects by their names, one at a time. One `git cat-file` returns sizes, another the bytes, so that
/// reading an object that is too large is never started.
pub struct Objects {
    git: Git,
    sizes: Option<Process>,
    contents: Option<Process>,
}

/// An object that was not read, with its size if known.
#[derive(Debug)]
pub struct NotRead {
    /// Of the object, as far as is known.
    pub byte_length: u64,
    /// Why it cannot be read.
    pub rejection: Rejection,
}

/// git's description of an object before its bytes.
struct Header {
    name: ObjectId,
    kind: String,
    byte_length: u64,
}

/// Why a question has no answer.
enum Failure {
    /// The object is at fault, or larger than wanted.
    Object(Rejection),
    /// git failed.
    Run(Error),
}

impl Objects {
    pub(super) fn new(git: Git) -> Self {
        Self { git, sizes: None, contents: None }
    }

    /// The bytes of a file, if they exist, are at most `max_bytes`, match their name, and are not a
    /// container.
    pub fn read_file(
        &mut self,
        id: &ObjectId,
        max_bytes: u64,
    ) -> Result<std::result::Result<Vec<u8>, NotRead>> {
        let mut byte_length = 0;
        let read = self.read(id, "blob", max_bytes, &mut byte_length);
        let document = read.and_then(|bytes| match kind_name(&bytes) {
            None => Ok(bytes),
            Some(kind) => {
                Err(unreadable(format!("{kind} within a repository: check it out, and import it")))
            }
        });
        match document {
            Ok(bytes) => Ok(Ok(bytes)),
            Err(Failure::Object(rejection)) => Ok(Err(NotRead { byte_length, rejection })),
            Err(Failure::Run(error)) => Err(error),
        }
    }

    /// The entries of a folder in a commit, as git stores them; `None` if there is no such folder, or it
    /// cannot be read.
    pub(super) fn read_folder(
        &mut self,
        commit: &ObjectId,
        folder: &[u8],
    ) -> Result<Option<Vec<u8>>> {
        // A name is asked for on a line, and git repeats it if there is no such folder.
        if folder.contains(&b'\n') || folder.len() as u64 > LONGEST_LINE / 2 {
            return Ok(None);
        }
        let name = [format!("{commit}:").as_bytes(), folder].concat();
        let read = self.size(&name).and_then(|header| match header.kind.as_str() {
            "tree" if header.byte_length <= MOST_OF_FOLDER => {
                self.read(&header.name, "tree", MOST_OF_FOLDER, &mut 0)
            }
            _ => Err(missing()),
        });
        match read {
            Ok(tree) => Ok(Some(tree)),
            Err(Failure::Object(_)) => Ok(None),
            Err(Failure::Run(error)) => Err(error),
        }
    }

    /// A commit's bytes, or why they cannot be read.
    pub(super) fn read_commit(
        &mut self,
        id: &ObjectId,
    ) -> Result<std::result::Result<Vec<u8>, String>> {
        /// A commit of this size has a message as long as a book.
        const MOST: u64 = 64 << 20;
        match self.read(id, "commit", MOST, &mut 0) {
            Ok(bytes) => Ok(Ok(bytes)),
            Err(Failure::Run(error)) => Err(error),
            Err(Failure::Object(rejection)) => Ok(Err(rejection.detail.unwrap_or_default())),
        }
    }

    /// The commit that a name in a repository refers to, with tags followed.
    pub(super) fn commit_named(&mut self, name: &str) -> Result<Option<ObjectId>> {
        match self.size(format!("{name}^{{commit}}").as_bytes()) {
            Ok(header) => Ok(Some(header.name)),
            Err(Failure::Run(error)) => Err(error),
            Err(Failure::Object(_)) => Ok(None),
        }
    }

    fn read(
        &mut self,
        id: &ObjectId,
        kind: &str,
        max_bytes: u64,
        byte_length: &mut u64,
    ) -> std::result::Result<Vec<u8>, Failure> {
        let header = self.size(id.to_string().as_bytes())?;
        *byte_length = header.byte_length;
        if header.kind != kind {
            return Err(unreadable(format!("a {}, not a {kind}", header.kind)));
        }
        if header.byte_length > max_bytes {
            return Err(Failure::Object(too_large(header.byte_length, max_bytes)));
        }
        let bytes = self.content(id, header.byte_length, max_bytes)?;
        check_name(id, kind, &bytes).map_err(unreadable)?;
        Ok(bytes)
    }

    fn size(&mut self, name: &[u8]) -> std::result::Result<Header, Failure> {
        let git = &self.git;
        let answer = running(git, &mut self.sizes, "--batch-check", Memory(READING))?;
        let asked = answer.say([name, b"\n"].concat()).and_then(|()| read_header(answer));
        asked.map_err(|error| died(git, &mut self.sizes, &error))?.ok_or_else(missing)
    }

    fn content(
        &mut self,
        id: &ObjectId,
        length: u64,
        max_bytes: u64,
    ) -> std::result::Result<Vec<u8>, Failure> {
        let git = &self.git;
        let memory = Memory(READING.saturating_add(max_bytes.saturating_mul(4)));
        let answer = running(git, &mut self.contents, "--batch", memory)?;
        let asked = answer.say(format!("{id}\n")).and_then(|()| {
            let Some(header) = read_header(answer)? else { return Ok(None) };
            if header.byte_length != length {
                return Err(io::Error::other("git gives two sizes of one object"));
            }
            let mut bytes = Vec::new();
            (&mut answer.output).take(length + 1).read_to_end(&mut bytes)?;
            // The line end after it shows that it is complete.
            match bytes.pop() {
                Some(b'\n') if bytes.len() as u64 == length => Ok(Some(bytes)),
                _ => Err(io::ErrorKind::UnexpectedEof.into()),
            }
        });
        asked.map_err(|error| died(git, &mut self.contents, &error))?.ok_or_else(missing)
    }
}

/// The process for these questions; started if there is none.
fn running<'a>(
    git: &Git,
    process: &'a mut Option<Process>,
    mode: &str,
    memory: Memory,
) -> std::result::Result<&'a mut Process, Failure> {
    if process.is_none() {
        let arguments = ["cat-file", mode].map(OsStr::new);
        *process = Some(git.start_within(&arguments, memory).map_err(Failure::Run)?);
    }
    // It was set just above.
    process.as_mut().ok_or_else(|| Failure::Run(git.failed("it did not start")))
}

fn unreadable(detail: impl Into<String>) -> Failure {
    Failure::Object(Rejection::because(Reason::Unreadable, detail))
}

fn missing() -> Failure {
    unreadable("missing from the repository, or damaged")
}

/// Interprets an answer that broke off. git exits when it cannot unpack an object, and reports that; any
/// other end is not the object's fault.
fn died(git: &Git, process: &mut Option<Process>, error: &io::Error) -> Failure {
    let is_cut_off = matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset
    );
    let too_much = |detail: String| Failure::Object(Rejection::because(Reason::TooLarge, detail));
    let process = process.take();
    if error.kind() == io::ErrorKind::FileTooLarge {
        return too_much(error.to_string());
    }
    match process.filter(|_| is_cut_off).map(Process::end) {
        Some((Ok(status), words)) if is_out_of_memory(&words) => too_much(reason(status, &words)),
        Some((Ok(status), words)) if status.signal().is_none() && words.contains("fatal: ") => {
            match git.failure(status, &words) {
                Error::Git { .. } => unreadable(reason(status, &words)),
                error => Failure::Run(error),
            }
        }
        Some((Ok(status), words)) => Failure::Run(git.failed(&reason(status, &words))),
        Some((Err(error), _)) => Failure::Run(git.failed(&error.to_string())),
        None => Failure::Run(git.failed(&error.to_string())),
    }
}

/// `<name> <kind> <size>`; `None` for a missing object.
fn read_header(process: &mut Process) -> io::Result<Option<Header>> {
    let mut line = Vec::new();
    (&mut process.output).take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let line = String::from_utf8_lossy(&line);
    if line.ends_with(" missing") || line.ends_with(" ambiguous") {
        return Ok(None);
    }
    let mut parts = line.split(' ');
    let header = (|| {
        Some(Header {
            name: ObjectId::parse(parts.next()?)?,
            kind: parts.next()?.to_owned(),
            byte_length: parts.next()?.parse().ok()?,
        })
    })();
    let strange = || io::Error::other(format!("git answered \"{line}\""));
    header.map(Some).ok_or_else(strange)
}

/// Whether an object's name is the hash of its content, without a known collision: git does not check this
/// when it reads.
fn check_name(id: &ObjectId, kind: &str, bytes: &[u8]) -> std::result::Result<(), &'static str> {
    let header = format!("{kind} {}\0", bytes.len());
    let parts = [header.as_bytes(), bytes];
    let is_named = match id.as_bytes().len() {
        20 => sha1(parts)? == id.as_bytes(),
        _ => {
            let hash = parts.iter().fold(sha2::Sha256::new(), |hash, part| hash.chain_update(part));
            hash.finalize().as_slice() == id.as_bytes()
        }
    };
    if is_named { Ok(()) } else { Err("its bytes do not match its id") }
}

/// A SHA-1, unless the bytes are part of a collision attack.
fn sha1(parts: [&[u8]; 2]) -> std::result::Result<Vec<u8>, &'static str> {
    let hash = parts.iter().fold(sha1_checked::Sha1::new(), |hash, part| hash.chain_update(part));
    let found = hash.try_finalize();
    if found.has_collision() {
        return Err("its bytes are part of a SHA-1 collision attack");
    }
    Ok(found.hash().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{hex, unhex};

    /// The first 320 bytes of a file of the SHAttered attack (shattered.io), which determine its collision
    /// with the other one.
    const SHATTERED: &str = "255044462d312e330a25e2e3cfd30a0a0a312030206f626a0a3c3c2f57696474682032203020522f\
         4865696768742033203020522f547970652034203020522f537562747970652035203020522f4669\
         6c7465722036203020522f436f6c6f7253706163652037203020522f4c656e677468203820302052\
         2f42697473506572436f6d706f6e656e7420383e3e0a73747265616d0affd8fffe00245348412d31\
         20697320646561642121212121852fec092339759c39b1a1c63c4c97e1fffe017346dc9166b67e11\
         8f029ab621b2560ff9ca67cca8c7f85ba84c79030c2b3de218f86db3a90901d5df45c14f26fedfb3\
         dc38e96ac22fe7bd728f0e45bce046d23c570feb141398bb552ef5a0a82be331fea48037b8b5d71f\
         0e332edf93ac3500eb4ddc0decc1a864790c782c76215660dd309791d06bd0af3f98cda4bc4629b1";

    #[test]
    fn a_collision_is_found() {
        let bytes = unhex(SHATTERED).unwrap();
        assert_eq!(sha1([b"", &bytes]), Err("its bytes are part of a SHA-1 collision attack"));
        assert_eq!(
            sha1([b"a", b"bc"]).map(|hash| hex(&hash)).unwrap(),
            "a9993e364706816aba3e25717850c26c9cd0d89d"
        );
    }

    #[test]
    fn names() {
        // As `git hash-object` gives them, in both formats.
        for name in [
            "ce013625030ba8dba906f756967f9e9ca394464a",
            "2cf8d83d9ee29543b34a87727421fdecb7e3f3a183d337639025de576db9ebb4",
        ] {
            let id = ObjectId::parse(name).unwrap();
            assert_eq!(check_name(&id, "blob", b"hello\n"), Ok(()), "{name}");
            let wrong = Err("its bytes do not match its id");
            assert_eq!(check_name(&id, "blob", b"hello"), wrong);
            assert_eq!(check_name(&id, "tree", b"hello\n"), wrong);
        }
    }
}
