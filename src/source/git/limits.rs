//! Limits of a git process: memory, time without output, and no life beyond ours.

use crate::model::StopFlag;
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often a wait for git checks whether it should end.
const LOOK_MS: libc::c_int = 100;
/// How long git may neither write output nor use the CPU: a remote disk takes seconds to answer.
const IDLE: Duration = Duration::from_secs(300);
/// The CPU time that one question may take without output; sorting a million commits takes 5 s.
const QUIET_WORK: Duration = Duration::from_secs(30);
/// How much more than that all questions about a repository may take together: far above what they take
/// within the counted limits.
const SURPLUS_WORK: Duration = Duration::from_secs(300);

/// Memory for the list of a small history, in bytes.
const LISTING: u64 = 1 << 30;

/// The private memory of a git process, in bytes; mapped files do not count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory(pub u64);

impl Memory {
    /// For a process that holds a whole history: some 500 bytes per commit, which takes no less in the
    /// objects.
    pub fn for_history(object_bytes: u64) -> Self {
        Self(LISTING + 4 * object_bytes)
    }
}

/// How much of [`SURPLUS_WORK`] all questions about one repository have used, in milliseconds.
#[derive(Debug, Clone, Default)]
pub(super) struct WorkSpent(Arc<AtomicU64>);

/// Standard output with a limit on waiting.
pub(super) struct Patient {
    output: ChildStdout,
    child: libc::pid_t,
    stop: StopFlag,
    work_spent: WorkSpent,
}

/// Makes a git process end when the thread that starts it ends, as all threads do when a process ends in any
/// way; and limits its memory.
pub(super) fn bind(command: &mut Command, memory: Memory) {
    let parent = std::process::id() as libc::pid_t;
    let bound = move || -> io::Result<()> {
        #[cfg(target_os = "linux")]
        // SAFETY: only calls that a child may make before exec; the structure is valid.
        unsafe {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong);
            // The parent may have ended before that call.
            if libc::getppid() != parent {
                return Err(io::Error::from_raw_os_error(libc::ESRCH));
            }
            let mut limit: libc::rlimit = std::mem::zeroed();
            if libc::getrlimit(libc::RLIMIT_DATA, &mut limit) == 0 {
                limit.rlim_cur = limit.rlim_cur.min(memory.0);
                libc::setrlimit(libc::RLIMIT_DATA, &limit);
            }
        }
        #[cfg(not(target_os = "linux"))]
        let _ = (parent, memory);
        Ok(())
    };
    // SAFETY: it allocates nothing and takes no lock.
    unsafe {
        command.pre_exec(bound);
    }
}

/// Ends all processes in the group of a git process.
pub(super) fn kill_group(child: &Child) {
    // SAFETY: no memory is touched, and the group is its own: the process is not reaped yet, so its id is not
    // reused.
    unsafe {
        libc::kill(-(child.id() as libc::pid_t), libc::SIGKILL);
    }
}

impl Patient {
    pub fn new(output: ChildStdout, child: &Child, stop: StopFlag, work_spent: WorkSpent) -> Self {
        Self { output, child: child.id() as libc::pid_t, stop, work_spent }
    }
}

impl Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut quiet = None;
        loop {
            let (fd, events) = (self.output.as_raw_fd(), libc::POLLIN);
            let mut waiting = libc::pollfd { fd, events, revents: 0 };
            // SAFETY: one structure, and it outlives the call. An error here occurs again when reading.
            let ready = unsafe { libc::poll(&mut waiting, 1, LOOK_MS) };
            if self.stop.is_requested() {
                return Err(io::Error::other("the import was stopped"));
            }
            if ready > 0 {
                return self.output.read(buffer);
            }
            let now = cpu_time(self.child);
            quiet.get_or_insert_with(|| Quiet::begin(now)).look(now, &self.work_spent)?;
        }
    }
}

/// A git process without output.
struct Quiet {
    /// The CPU time that it had used when the silence began, and at the last check.
    began: Duration,
    last: Duration,
    /// When it was last seen working.
    worked: Instant,
}

impl Quiet {
    fn begin(now: Duration) -> Self {
        Self { began: now, last: now, worked: Instant::now() }
    }

    fn look(&mut self, now: Duration, work_spent: &WorkSpent) -> io::Result<()> {
        if now == self.last {
            let is_idle = self.worked.elapsed() >= IDLE;
            let said = io::Error::new(io::ErrorKind::TimedOut, "it did nothing for five minutes");
            return if is_idle { Err(said) } else { Ok(()) };
        }
        let surplus = now.saturating_sub(self.last.max(self.began + QUIET_WORK));
        (self.last, self.worked) = (now, Instant::now());
        let spent = surplus.as_millis() as u64;
        let before = work_spent.0.fetch_add(spent, Ordering::Relaxed);
        if u128::from(before + spent) <= SURPLUS_WORK.as_millis() {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::FileTooLarge, "more work than any history asks for"))
    }
}

/// The CPU time that a process has used; zero if it is gone.
fn cpu_time(process: libc::pid_t) -> Duration {
    // SAFETY: both structures are valid and outlive the calls.
    unsafe {
        let (mut clock, mut time): (libc::clockid_t, libc::timespec) = std::mem::zeroed();
        #[cfg(target_os = "linux")]
        if libc::clock_getcpuclockid(process, &mut clock) == 0
            && libc::clock_gettime(clock, &mut time) == 0
        {
            return Duration::new(time.tv_sec as u64, time.tv_nsec as u32);
        }
        let _ = (process, &mut clock, &mut time);
    }
    Duration::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn quiet_work_is_counted_by_its_cpu_time() {
        let work_spent = WorkSpent::default();
        // Up to the limit of one question, nothing is counted, however often.
        for _ in 0..100 {
            let mut quiet = Quiet::begin(5 * SECOND);
            for at in 0..=QUIET_WORK.as_secs() as u32 {
                quiet.look(5 * SECOND + at * SECOND, &work_spent).unwrap();
            }
        }
        assert_eq!(work_spent.0.load(Ordering::Relaxed), 0);
        // The excess is added up over all questions.
        let one = SURPLUS_WORK / 2;
        for _ in 0..2 {
            Quiet::begin(Duration::ZERO).look(QUIET_WORK + one, &work_spent).unwrap();
        }
        let mut quiet = Quiet::begin(Duration::ZERO);
        quiet.look(QUIET_WORK, &work_spent).unwrap();
        let error = quiet.look(QUIET_WORK + SECOND, &work_spent).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_time_of_a_process() {
        assert!(cpu_time(std::process::id() as libc::pid_t) > Duration::ZERO);
        // Linux assigns no id above 4,194,304.
        assert_eq!(cpu_time(4_194_305), Duration::ZERO);
    }
}
