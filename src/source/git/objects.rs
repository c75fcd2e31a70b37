//! Objects by their names, through `git cat-file`.

use super::process::{Git, Process, reason};
use crate::error::{Error, Result};
use crate::model::{ObjectId, Reason, Rejection};
use crate::source::carrier::kind_name;
use crate::source::read::too_large;
use sha2::Digest;
use std::ffi::OsStr;
use std::io::{self, BufRead, Read};
use std::os::unix::process::ExitStatusExt;

/// Longer lines are none of git's.
const LONGEST_LINE: u64 = 4 << 10;

/// Reads objects by their names, one at a time: of one `git cat-file` it asks the size, of another
/// the bytes, so that what is too large is never begun.
pub struct Objects {
    git: Git,
    sizes: Option<Process>,
    contents: Option<Process>,
}

/// An object that cannot be taken, with its size where that is known.
#[derive(Debug)]
pub struct NotRead {
    pub byte_length: u64,
    pub rejection: Rejection,
}

/// What git says of an object before its bytes.
struct Header {
    name: ObjectId,
    kind: String,
    byte_length: u64,
}

/// Why a question has no answer.
enum Failure {
    /// The object is at fault, or more than is wanted.
    Object(Rejection),
    /// git is.
    Run(Error),
}

impl Objects {
    pub(super) fn new(git: Git) -> Self {
        Self { git, sizes: None, contents: None }
    }

    /// A file's bytes, if they are there, at most `max_bytes`, what their name says, and not files
    /// in turn.
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

    /// A commit's bytes, or why they cannot be read.
    pub(super) fn read_commit(
        &mut self,
        id: &ObjectId,
    ) -> Result<std::result::Result<Vec<u8>, String>> {
        /// A commit of this size has a message that is a book.
        const MOST: u64 = 64 << 20;
        match self.read(id, "commit", MOST, &mut 0) {
            Ok(bytes) => Ok(Ok(bytes)),
            Err(Failure::Run(error)) => Err(error),
            Err(Failure::Object(rejection)) => Ok(Err(rejection.detail.unwrap_or_default())),
        }
    }

    /// The commit that a name in a repository stands for, tags followed.
    pub(super) fn commit_named(&mut self, name: &str) -> Result<Option<ObjectId>> {
        match self.size(&format!("{name}^{{commit}}")) {
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
        let header = self.size(&id.to_string())?;
        *byte_length = header.byte_length;
        if header.kind != kind {
            return Err(unreadable(format!("a {}, not a {kind}", header.kind)));
        }
        if header.byte_length > max_bytes {
            return Err(Failure::Object(too_large(header.byte_length, max_bytes)));
        }
        let bytes = self.content(id, header.byte_length)?;
        match is_named(id, kind, &bytes) {
            true => Ok(bytes),
            false => Err(unreadable("its bytes are not those that its name says")),
        }
    }

    fn size(&mut self, name: &str) -> std::result::Result<Header, Failure> {
        let git = &self.git;
        let answer = running(git, &mut self.sizes, "--batch-check")?;
        let asked = answer.say(&format!("{name}\n")).and_then(|()| read_header(answer));
        asked.map_err(|error| died(git, &mut self.sizes, &error))?.ok_or_else(missing)
    }

    fn content(&mut self, id: &ObjectId, length: u64) -> std::result::Result<Vec<u8>, Failure> {
        let git = &self.git;
        let answer = running(git, &mut self.contents, "--batch")?;
        let asked = answer.say(&format!("{id}\n")).and_then(|()| {
            let Some(header) = read_header(answer)? else { return Ok(None) };
            if header.byte_length != length {
                return Err(io::Error::other("git gives two sizes of one object"));
            }
            let mut bytes = Vec::new();
            (&mut answer.output).take(length + 1).read_to_end(&mut bytes)?;
            // The line end behind it says that it is whole.
            match bytes.pop() {
                Some(b'\n') if bytes.len() as u64 == length => Ok(Some(bytes)),
                _ => Err(io::ErrorKind::UnexpectedEof.into()),
            }
        });
        asked.map_err(|error| died(git, &mut self.contents, &error))?.ok_or_else(missing)
    }
}

/// The process for these questions, started where there is none.
fn running<'a>(
    git: &Git,
    process: &'a mut Option<Process>,
    mode: &str,
) -> std::result::Result<&'a mut Process, Failure> {
    if process.is_none() {
        let arguments = ["cat-file", mode].map(OsStr::new);
        *process = Some(git.start(&arguments).map_err(Failure::Run)?);
    }
    // Just put there.
    process.as_mut().ok_or_else(|| Failure::Run(git.failed("it did not start")))
}

fn unreadable(detail: impl Into<String>) -> Failure {
    Failure::Object(Rejection::because(Reason::Unreadable, detail))
}

fn missing() -> Failure {
    unreadable("missing from the repository, or damaged")
}

/// What it means that an answer broke off. git dies of an object that it cannot unpack, and says so;
/// whatever else ends it is no fault of the object's.
fn died(git: &Git, process: &mut Option<Process>, error: &io::Error) -> Failure {
    let is_cut_off = matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset
    );
    match process.take().filter(|_| is_cut_off).map(Process::end) {
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

/// `<name> <kind> <size>`; `None` for an object that is not there.
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

/// Whether an object's name is the hash of what it is. git itself does not ask when it reads.
fn is_named(id: &ObjectId, kind: &str, bytes: &[u8]) -> bool {
    let header = format!("{kind} {}\0", bytes.len());
    match id.as_bytes().len() {
        20 => {
            let hash = sha1::Sha1::new().chain_update(&header).chain_update(bytes);
            hash.finalize().as_slice() == id.as_bytes()
        }
        _ => {
            let hash = sha2::Sha256::new().chain_update(&header).chain_update(bytes);
            hash.finalize().as_slice() == id.as_bytes()
        }
    }
}
