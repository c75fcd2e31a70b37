//! Which problems of an archive were reported before, so that each is reported when it starts and when it ends.
//!
//! The state is a text: a line that names its version, the identity of the archive, and a line for each problem.

use super::{Decline, Health, HealthOptions, MissingDays, SilentSite};
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::fmt;

const NAME: &str = "seedbank health -- version ";
const VERSION: &str = "1";

/// A problem, as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// See [`SilentSite`].
    Silent {
        /// Its canonical host.
        host: String,
        /// The last day with an article.
        last_day: NaiveDate,
    },
    /// See [`MissingDays`].
    Missing {
        /// Its canonical host.
        host: String,
        /// The first day.
        first: NaiveDate,
        /// The last day.
        last: NaiveDate,
    },
    /// See [`Decline`].
    Decline {
        /// Its canonical host.
        host: String,
        /// Such as `2024-02`.
        month: String,
    },
}

impl From<&SilentSite> for Problem {
    fn from(site: &SilentSite) -> Self {
        Self::Silent { host: site.host.clone(), last_day: site.last_day }
    }
}

impl From<&MissingDays> for Problem {
    fn from(hole: &MissingDays) -> Self {
        Self::Missing { host: hole.host.clone(), first: hole.first, last: hole.last }
    }
}

impl From<&Decline> for Problem {
    fn from(one: &Decline) -> Self {
        Self::Decline { host: one.host.clone(), month: one.month.month.clone() }
    }
}

impl Problem {
    /// The host of its site.
    pub fn host(&self) -> &str {
        match self {
            Self::Silent { host, .. } | Self::Missing { host, .. } | Self::Decline { host, .. } => {
                host
            }
        }
    }

    /// Whether both are the same problem, at different times: a site is silent once at a time, and a hole that
    /// was partly filled, or reaches farther than before, is still that hole.
    fn is_same(&self, other: &Self) -> bool {
        self.host() == other.host()
            && match (self, other) {
                (Self::Silent { .. }, Self::Silent { .. }) => true,
                (
                    Self::Missing { first, last, .. },
                    Self::Missing { first: from, last: to, .. },
                ) => first <= to && from <= last,
                (Self::Decline { month, .. }, Self::Decline { month: other, .. }) => month == other,
                _ => false,
            }
    }

    /// Whether a report with these options would have it.
    fn is_looked_at(&self, options: &HealthOptions) -> bool {
        let HealthOptions { sites, except, since, .. } = options;
        let is_recent = |since: &NaiveDate| match self {
            Self::Silent { .. } => true,
            Self::Missing { last, .. } => last >= since,
            Self::Decline { month, .. } => month[..] >= since.to_string()[..7],
        };
        (sites.is_empty() || sites.iter().any(|site| site == self.host()))
            && !except.iter().any(|site| site == self.host())
            && since.as_ref().is_none_or(is_recent)
    }

    fn read(line: &str) -> Option<Self> {
        let (kind, rest) = line.split_once(' ')?;
        let (rest, last) = rest.rsplit_once(' ')?;
        let host = |text: &str| serde_json::from_str(text).ok();
        let day = |text: &str| text.parse().ok();
        Some(match kind {
            "silent" => Self::Silent { host: host(rest)?, last_day: day(last)? },
            "missing" => {
                let (rest, first) = rest.rsplit_once(' ')?;
                Self::Missing { host: host(rest)?, first: day(first)?, last: day(last)? }
            }
            "worse" => {
                day(&format!("{last}-01"))?;
                Self::Decline { host: host(rest)?, month: last.to_owned() }
            }
            _ => return None,
        })
    }
}

/// As a line of the state. The host is quoted as in JSON, whatever a damaged row has.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = serde_json::Value::from(self.host());
        match self {
            Self::Silent { last_day, .. } => write!(f, "silent {host} {last_day}"),
            Self::Missing { first, last, .. } => write!(f, "missing {host} {first} {last}"),
            Self::Decline { month, .. } => write!(f, "worse {host} {month}"),
        }
    }
}

/// The problems that were reported and have not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The identity of the archive.
    pub archive_id: String,
    problems: BTreeSet<Problem>,
}

/// How a report differs from the one before.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// The problems that were not reported before.
    pub started: Health,
    /// Those that were reported before, and are over.
    pub ended: Vec<Problem>,
    /// How many were reported before and are not over.
    pub lasting: usize,
}

impl Changes {
    /// Whether nothing started or ended.
    pub fn is_empty(&self) -> bool {
        self.started.is_good() && self.ended.is_empty()
    }
}

impl State {
    /// The state of an archive of which nothing was reported.
    pub fn new(archive_id: impl Into<String>) -> Self {
        Self { archive_id: archive_id.into(), problems: BTreeSet::new() }
    }

    /// Reads a stored state. Fails with the reason, which continues a sentence that begins with the file.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut lines = text.lines().enumerate();
        let version = lines.next().and_then(|(_, line)| line.strip_prefix(NAME));
        match version {
            Some(VERSION) => {}
            Some(version) => return Err(format!("is of version {version}, not {VERSION}")),
            None => return Err("is not a state of `stats --health`".into()),
        }
        let archive_id = lines.next().and_then(|(_, line)| line.strip_prefix("archive "));
        let archive_id = archive_id.ok_or("does not name its archive in line 2")?;
        let mut state = Self::new(archive_id);
        for (at, line) in lines {
            let problem = Problem::read(line);
            let problem = problem.ok_or_else(|| format!("is damaged in line {}", at + 1))?;
            state.problems.insert(problem);
        }
        Ok(state)
    }

    /// Compares a report with this state, and brings the state up to date. What the options of the report leave
    /// out stays as it was.
    pub fn update(&mut self, health: &Health, options: &HealthOptions) -> Changes {
        let before = std::mem::take(&mut self.problems);
        let is_new = |problem: Problem| !before.iter().any(|known| known.is_same(&problem));
        let mut started = health.clone();
        started.silent.retain(|site| is_new(site.into()));
        started.missing.retain(|hole| is_new(hole.into()));
        started.declines.retain(|one| is_new(one.into()));
        let now: BTreeSet<Problem> = (health.silent.iter().map(Problem::from))
            .chain(health.missing.iter().map(Problem::from))
            .chain(health.declines.iter().map(Problem::from))
            .collect();
        let lasting = now.iter().filter(|problem| !is_new((*problem).clone())).count();
        let (looked_at, others): (BTreeSet<_>, BTreeSet<_>) =
            before.iter().cloned().partition(|problem| problem.is_looked_at(options));
        let is_over = |known: &Problem| !now.iter().any(|problem| known.is_same(problem));
        let ended = looked_at.into_iter().filter(is_over).collect();
        self.problems = now.into_iter().chain(others).collect();
        Changes { started, ended, lasting }
    }
}

/// As it is stored.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{NAME}{VERSION}\narchive {}", self.archive_id)?;
        self.problems.iter().try_for_each(|problem| writeln!(f, "{problem}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;
    use crate::store::MonthRecord;

    fn options() -> HealthOptions {
        let (sites, except) = (Vec::new(), Vec::new());
        HealthOptions { now: Timestamp::EPOCH, since: None, sites, except }
    }

    /// A report of these problems, written as in a state.
    fn report(problems: &[&str]) -> Health {
        let mut health = Health {
            judged_at: Timestamp::EPOCH,
            sites: 3,
            judged: 3,
            silent: Vec::new(),
            missing: Vec::new(),
            declines: Vec::new(),
        };
        for problem in problems {
            match Problem::read(problem).unwrap() {
                Problem::Silent { host, last_day } => health.silent.push(SilentSite {
                    host,
                    last_day,
                    silent_days: 9,
                    usual_gap: 1,
                    longest_gap: 2,
                }),
                Problem::Missing { host, first, last } => {
                    health.missing.push(MissingDays { host, first, last, days: 1 });
                }
                Problem::Decline { host, month } => health.declines.push(Decline {
                    host,
                    month: MonthRecord { month, ..MonthRecord::default() },
                    share: 0.5,
                    share_before: 0.0,
                    mean: 0.0,
                    mean_before: 0.0,
                }),
            }
        }
        health
    }

    fn lines(problems: impl IntoIterator<Item = Problem>) -> Vec<String> {
        problems.into_iter().map(|problem| problem.to_string()).collect()
    }

    #[track_caller]
    fn check(state: &mut State, now: &[&str], started: &[&str], ended: &[&str], lasting: usize) {
        check_with(state, &options(), now, started, ended, lasting);
    }

    #[track_caller]
    fn check_with(
        state: &mut State,
        options: &HealthOptions,
        now: &[&str],
        started: &[&str],
        ended: &[&str],
        lasting: usize,
    ) {
        let changes = state.update(&report(now), options);
        let found = &changes.started;
        let new = (found.silent.iter().map(Problem::from))
            .chain(found.missing.iter().map(Problem::from))
            .chain(found.declines.iter().map(Problem::from));
        assert_eq!(lines(new), started);
        assert_eq!(lines(changes.ended.clone()), ended);
        assert_eq!(changes.lasting, lasting);
        assert_eq!(changes.is_empty(), started.is_empty() && ended.is_empty());
        assert_eq!(State::read(&state.to_string()).as_ref(), Ok(&*state));
    }

    const SILENT: &str = "silent \"a.example\" 2024-03-01";
    const MISSING: &str = "missing \"a.example\" 2024-02-05 2024-02-09";
    const WORSE: &str = "worse \"b.example\" 2024-02";

    #[test]
    fn a_problem_starts_once_and_ends_once() {
        let mut state = State::new("x");
        check(&mut state, &[], &[], &[], 0);
        check(&mut state, &[SILENT, WORSE], &[SILENT, WORSE], &[], 0);
        check(&mut state, &[SILENT, MISSING, WORSE], &[MISSING], &[], 2);
        check(&mut state, &[SILENT, MISSING], &[], &[WORSE], 2);
        check(&mut state, &[], &[], &[SILENT, MISSING], 0);
        check(&mut state, &[SILENT], &[SILENT], &[], 0);
    }

    #[test]
    fn a_problem_that_changes_is_the_same() {
        let mut state = State::new("x");
        check(&mut state, &[SILENT, MISSING], &[SILENT, MISSING], &[], 0);
        let later = "silent \"a.example\" 2024-03-03";
        let [early, late] = ["2024-02-05 2024-02-05", "2024-02-09 2024-02-11"]
            .map(|days| format!("missing \"a.example\" {days}"));
        check(&mut state, &[later, &early, &late], &[], &[], 3);
        // Each site has its own, and each hole.
        let other = "missing \"a.example\" 2024-02-07 2024-02-07";
        let elsewhere = "missing \"b.example\" 2024-02-09 2024-02-11";
        check(&mut state, &[later, other, elsewhere], &[other, elsewhere], &[&early, &late], 1);
    }

    #[test]
    fn what_was_not_looked_at_has_not_ended() {
        let mut state = State::new("x");
        let all = [SILENT, MISSING, WORSE];
        check(&mut state, &all, &all, &[], 0);
        let site = |name: &str| vec![name.to_owned()];
        let only_c = HealthOptions { sites: site("c.example"), ..options() };
        check_with(&mut state, &only_c, &[], &[], &[], 0);
        let not_b = HealthOptions { except: site("b.example"), ..options() };
        check_with(&mut state, &not_b, &[SILENT, MISSING], &[], &[], 2);
        let since = |day: &str| HealthOptions { since: day.parse().ok(), ..options() };
        check_with(&mut state, &since("2024-03-01"), &[SILENT], &[], &[], 1);
        check_with(&mut state, &since("2024-02-09"), &[SILENT], &[], &[MISSING, WORSE], 1);
    }

    #[test]
    fn a_state_is_read_as_it_was_written() {
        let mut state = State::new("6f1c");
        let host = "a \"b\"\n\u{1b} c.example";
        let health = Health {
            silent: vec![SilentSite { host: host.into(), ..report(&[SILENT]).silent[0].clone() }],
            ..report(&[MISSING, WORSE])
        };
        state.update(&health, &options());
        let text = state.to_string();
        assert_eq!(
            text,
            "seedbank health -- version 1\narchive 6f1c\n\
             silent \"a \\\"b\\\"\\n\\u001b c.example\" 2024-03-01\n\
             missing \"a.example\" 2024-02-05 2024-02-09\n\
             worse \"b.example\" 2024-02\n"
        );
        assert_eq!(State::read(&text), Ok(state));
    }

    #[test]
    fn other_files_are_no_state() {
        let check = |text: &str, why: &str| assert_eq!(State::read(text).unwrap_err(), why);
        check("", "is not a state of `stats --health`");
        check("logrotate state -- version 2\n", "is not a state of `stats --health`");
        check("seedbank health -- version 2\n", "is of version 2, not 1");
        check("seedbank health -- version 1\n", "does not name its archive in line 2");
        let head = "seedbank health -- version 1\narchive x\n";
        for line in [
            "",
            "silent",
            "silent a.example 2024-03-01",
            "silent \"a.example\" 2024-03-32",
            "missing \"a.example\" 2024-03-01",
            "worse \"a.example\" 2024-13",
            "sil",
        ] {
            check(&format!("{head}{SILENT}\n{line}\n"), "is damaged in line 4");
        }
    }
}
