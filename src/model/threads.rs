/// More threads than this only cost memory: no machine that reads drops has as many processors.
const MOST: usize = 256;

/// How many threads a wish for `jobs` gets: for 0, one per processor that this process may use. What
/// comes of their work does not depend on it.
pub fn threads(jobs: usize) -> usize {
    match jobs {
        0 => std::thread::available_parallelism().map_or(1, usize::from).min(MOST),
        jobs => jobs.min(MOST),
    }
}
