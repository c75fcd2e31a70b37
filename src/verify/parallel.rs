//! Distributes work from one thread that reads to several threads, and collects their results.

use crate::error::Result;
use crate::model::threads;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How many stored bytes a thread gets at once; a handful of such batches are in memory.
const BATCH_BYTES: usize = 1 << 20;
/// The minimum that an article counts for, because of its other rows.
const LEAST_BYTES: usize = 1 << 12;

/// Reads items with `read`, which also returns their sizes in bytes; processes them on several threads, each
/// with a `worker` of its own; passes the results to `receive` as they arrive. `read` and `receive` run on
/// this thread, which owns the connection.
pub(super) fn in_parallel<I, T: Send, R: Send, W: FnMut(T) -> R>(
    jobs: usize,
    ids: Vec<I>,
    read: &mut dyn FnMut(I) -> Result<Option<(usize, T)>>,
    worker: impl Fn() -> W + Sync,
    receive: &mut dyn FnMut(R),
) -> Result<()> {
    let jobs = threads(jobs);
    let exchange = Exchange::new(jobs);
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                let _ends = OnDrop(|| exchange.change(|state| state.working -= 1));
                let mut work = worker();
                while let Some(batch) = exchange.take() {
                    let results = batch.into_iter().map(&mut work).collect();
                    exchange.change(|state| state.done.push(results));
                }
            });
        }
        // Whether everything was read or reading failed.
        let closes = OnDrop(|| exchange.change(|state| state.is_closed = true));
        let mut ids = ids.into_iter();
        while let Some(batch) = next_batch(&mut ids, read)?
            && let Some(results) = exchange.give(batch, jobs)
        {
            results.into_iter().flatten().for_each(&mut *receive);
        }
        drop(closes);
        while let Some(results) = exchange.results() {
            results.into_iter().flatten().for_each(&mut *receive);
        }
        Ok(())
    })
}

/// The state shared between this thread and the others. Channels, of six types, were a fortieth of all the
/// code that a build optimises.
struct Exchange<T, R> {
    state: Mutex<State<T, R>>,
    changed: Condvar,
}

struct State<T, R> {
    waiting: VecDeque<Vec<T>>,
    done: Vec<Vec<R>>,
    /// The number of threads that have not ended; a panic ends one too.
    working: usize,
    /// No more batches will come.
    is_closed: bool,
}

impl<T, R> Exchange<T, R> {
    fn new(working: usize) -> Self {
        let state = State { waiting: VecDeque::new(), done: Vec::new(), working, is_closed: false };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    fn change(&self, change: impl FnOnce(&mut State<T, R>)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    /// Waits for a condition, and returns the state.
    fn when(&self, is_so: impl Fn(&State<T, R>) -> bool) -> MutexGuard<'_, State<T, R>> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_while(state, |state| !is_so(state));
        waited.unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a batch once fewer than `most` are waiting, and returns the finished results; `None` if no thread
    /// is left.
    fn give(&self, batch: Vec<T>, most: usize) -> Option<Vec<Vec<R>>> {
        let mut state = self.when(|state| state.waiting.len() < most || state.working == 0);
        state.waiting.push_back(batch);
        let done = (state.working > 0).then(|| std::mem::take(&mut state.done));
        drop(state);
        self.changed.notify_all();
        done
    }

    /// The next batch; `None` if there will be none.
    fn take(&self) -> Option<Vec<T>> {
        let mut state = self.when(|state| !state.waiting.is_empty() || state.is_closed);
        let batch = state.waiting.pop_front();
        drop(state);
        self.changed.notify_all();
        batch
    }

    /// The results since the last call, once there are any; `None` after the last.
    fn results(&self) -> Option<Vec<Vec<R>>> {
        let mut state = self.when(|state| !state.done.is_empty() || state.working == 0);
        let done = std::mem::take(&mut state.done);
        (!done.is_empty()).then_some(done)
    }
}

/// Runs a function on drop.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Reads until there is enough for one thread; `None` at the end.
fn next_batch<I, T>(
    ids: &mut std::vec::IntoIter<I>,
    read: &mut dyn FnMut(I) -> Result<Option<(usize, T)>>,
) -> Result<Option<Vec<T>>> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while bytes < BATCH_BYTES {
        let Some(id) = ids.next() else { break };
        if let Some((size, one)) = read(id)? {
            bytes += size.max(LEAST_BYTES);
            batch.push(one);
        }
    }
    Ok((!batch.is_empty()).then_some(batch))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    type Read<'a> = &'a mut dyn FnMut(u32) -> Result<Option<(usize, u32)>>;

    /// The results of doubling the numbers up to 100, each in a batch of its own.
    fn doubled(jobs: usize, read: Read<'_>, double: fn(u32) -> u32) -> Result<Vec<u32>> {
        let mut results = Vec::new();
        in_parallel(jobs, (0..100).collect(), read, || double, &mut |one| results.push(one))?;
        results.sort_unstable();
        Ok(results)
    }

    fn large(number: u32) -> Result<Option<(usize, u32)>> {
        Ok(Some((BATCH_BYTES, number)))
    }

    #[test]
    fn every_result_is_returned_once() {
        let expected: Vec<u32> = (0..100).map(|number| number * 2).collect();
        for jobs in [1, 2, 7] {
            assert_eq!(doubled(jobs, &mut large, |number| number * 2).unwrap(), expected);
        }
    }

    #[test]
    fn skipped_items_are_left_out() {
        let mut odd = |number| Ok((number % 2 == 1).then_some((1, number)));
        assert_eq!(doubled(2, &mut odd, |number| number).unwrap().len(), 50);
    }

    #[test]
    fn an_error_of_reading_ends_all_threads() {
        let mut failing = |number| {
            if number == 50 { Err(Error::NoGit(std::io::Error::other("x"))) } else { large(number) }
        };
        assert!(doubled(3, &mut failing, |number| number).is_err());
    }

    #[test]
    fn a_panic_of_a_thread_ends_all() {
        let panicking = || doubled(2, &mut large, assert_ne_50);
        assert!(catch_unwind(AssertUnwindSafe(panicking)).is_err());
    }

    fn assert_ne_50(number: u32) -> u32 {
        assert_ne!(number, 50);
        number
    }
}
