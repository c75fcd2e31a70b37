//! Work for several threads, which one thread reads and takes back.

use crate::error::Result;
use crate::model::threads;
use crossbeam_channel::{bounded, unbounded};

/// How many kept bytes go to a thread at once; a handful of such batches are in memory.
const BATCH_BYTES: usize = 1 << 20;
/// What an article counts for at least, for its other rows.
const LEAST_BYTES: usize = 1 << 12;

/// Has what `read` gives for each id, with its size in bytes, worked on by several threads, each with
/// a `worker` of its own, and hands out what comes of it as it comes. `read` and `receive` stay on this
/// thread, which alone has the connection.
pub(super) fn in_parallel<I, T: Send, R: Send, W: FnMut(T) -> R>(
    jobs: usize,
    ids: Vec<I>,
    read: &mut dyn FnMut(I) -> Result<Option<(usize, T)>>,
    worker: impl Fn() -> W + Sync,
    receive: &mut dyn FnMut(R),
) -> Result<()> {
    let jobs = threads(jobs);
    std::thread::scope(|scope| {
        let (sender, waiting) = bounded::<Vec<T>>(jobs);
        let (done_sender, done) = unbounded::<Vec<R>>();
        for _ in 0..jobs {
            let (waiting, done_sender, worker) = (waiting.clone(), done_sender.clone(), &worker);
            scope.spawn(move || {
                let mut work = worker();
                let mut work = |batch: Vec<T>| batch.into_iter().map(&mut work).collect();
                // It fails only when nobody wants to know any more.
                waiting.iter().all(|batch| done_sender.send(work(batch)).is_ok())
            });
        }
        drop((waiting, done_sender));
        let mut ids = ids.into_iter();
        while let Some(batch) = next_batch(&mut ids, read)? {
            if sender.send(batch).is_err() {
                break;
            }
            done.try_iter().flatten().for_each(&mut *receive);
        }
        drop(sender);
        done.iter().flatten().for_each(receive);
        Ok(())
    })
}

/// Reads on until there is enough for one thread; `None` at the end.
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
