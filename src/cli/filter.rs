//! `--since`, `--site` and the other filters, for every command that lists, counts or exports articles.

use super::Global;
use crate::cli::offered;
use crate::cli::outcome::UsageError;
use crate::cli::terminal::render::{self, counted};
use clap::Args;
use seedbank::internals::extract::host_of;
use seedbank::internals::model::Period;
use seedbank::internals::store::{Reader, language_of};
use seedbank::{ArticleFilter, Language, NaiveDate, Precision, Timestamp, UtcOffset, WhichRun};

/// The selected articles.
#[derive(Debug, Args)]
pub struct FilterArgs {
    /// Only articles published on or after this day (2024-02-05, 2024-02, 2024, yesterday, 7d)
    #[arg(long, value_name = "DAY", value_parser = day)]
    since: Option<String>,
    /// Only articles published on or before this day
    #[arg(long, value_name = "DAY", value_parser = day)]
    until: Option<String>,
    /// Only articles from this site (rfi.fr); this and the next three may be repeated, for any of them
    #[arg(long, value_name = "HOST", value_parser = host, add = offered::hosts())]
    pub site: Vec<String>,
    /// Only articles in this language (zh, en)
    #[arg(long, value_name = "CODE", value_parser = language)]
    language: Vec<Language>,
    /// Only articles by this author
    #[arg(long, value_name = "NAME", value_parser = name)]
    author: Vec<String>,
    /// Only articles with this tag
    #[arg(long, value_name = "NAME", value_parser = name)]
    tag: Vec<String>,
    /// Only articles that were first seen in this import: its number in `runs`, or `last`
    #[arg(long, value_name = "N|last", value_parser = run, add = offered::imports_and_last())]
    run: Option<WhichRun>,
    /// Whose days are meant: the distance from UTC (+08:00)
    #[arg(long, value_name = "OFFSET", default_value = "UTC", allow_hyphen_values = true)]
    #[arg(hide_default_value = true)]
    pub utc_offset: UtcOffset,
}

/// Whose clock is shown.
#[derive(Debug, Args)]
pub struct ZoneArgs {
    /// Show times at this distance from UTC (+08:00); a day stays the publisher's
    #[arg(long, value_name = "OFFSET", default_value = "UTC", allow_hyphen_values = true)]
    #[arg(hide_default_value = true)]
    pub utc_offset: UtcOffset,
}

impl ZoneArgs {
    /// The time of a file or an import, as that clock shows it.
    pub fn clock(&self, at: Option<Timestamp>) -> Option<Timestamp> {
        at.map(|at| self.utc_offset.shifted(at, None))
    }

    /// A publisher's time on that clock, for a person; `-` if unknown.
    pub fn published(&self, at: Option<Timestamp>, precision: Option<Precision>) -> String {
        render::published(at.map(|at| self.utc_offset.shifted(at, precision)), precision)
    }
}

impl FilterArgs {
    /// Whether no filter was given.
    pub fn is_empty(&self) -> bool {
        self.since.is_none()
            && self.until.is_none()
            && self.site.is_empty()
            && self.has_only_days_and_sites()
    }

    fn has_only_days_and_sites(&self) -> bool {
        let lists = [self.author.is_empty(), self.tag.is_empty(), self.language.is_empty()];
        lists == [true; 3] && self.run.is_none()
    }

    /// The health of a site is judged by all of its articles, in UTC.
    pub fn check_for_health(&self) -> Result<(), UsageError> {
        if self.has_only_days_and_sites() && self.utc_offset == UtcOffset::default() {
            return Ok(());
        }
        Err(UsageError::new(
            "--health judges whole sites, by days in UTC",
            "use it with --since, --until and --site only",
        ))
    }

    /// The filter, combined with the words of a query.
    pub fn filter(&self, words: Option<&str>) -> seedbank::Result<ArticleFilter> {
        self.filter_of_sites(words, self.site.clone())
    }

    /// The same with other sites.
    pub fn filter_of_sites(
        &self,
        words: Option<&str>,
        sites: Vec<String>,
    ) -> seedbank::Result<ArticleFilter> {
        let today = self.utc_offset.today();
        let period = |text: &Option<String>| Period::read(text.as_deref()?, today).ok();
        let mut filter = ArticleFilter::default()
            .with_utc_offset(self.utc_offset)
            .with_sites(sites)
            .with_languages(self.language.clone())
            .with_authors(self.author.clone())
            .with_tags(self.tag.clone());
        filter.since = period(&self.since).map(|period| period.first);
        filter.until = period(&self.until).map(|period| period.last);
        filter.run = self.run;
        if let Some(words) = words {
            filter.add_words(words)?;
        }
        Ok(filter)
    }
}

/// Notes how many articles were left out only because they have no date.
pub fn note_undated(
    reader: &Reader,
    filter: &ArticleFilter,
    global: &Global,
) -> seedbank::Result<()> {
    match reader.undated(filter)? {
        0 => {}
        undated => {
            render::note(&format!("{} left out", counted(undated, "undated article")), global)
        }
    }
    Ok(())
}

/// Checks a day, which is looked up when it is known whose days are meant.
pub fn day(text: &str) -> Result<String, String> {
    // Any day is good enough to count back from.
    Period::read(text, NaiveDate::MAX).map_err(|error| error.to_string())?;
    Ok(text.to_owned())
}

fn language(text: &str) -> Result<Language, String> {
    language_of(text)
        .ok_or_else(|| "not a language; write its code, such as zh, en or fr".to_owned())
}

fn name(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("there is no name in it".into()),
        name => Ok(name.to_owned()),
    }
}

/// Reads an import as `runs` numbers it.
pub fn run(text: &str) -> Result<WhichRun, String> {
    match text.parse() {
        _ if text == "last" => Ok(WhichRun::Last),
        Ok(number) if number > 0 => Ok(WhichRun::Number(number)),
        _ => Err("not an import; write its number in `runs`, or last".into()),
    }
}

/// A host in any spelling, converted to that of `site.host`.
pub fn host(text: &str) -> Result<String, String> {
    host_of(text).ok_or_else(|| "not a host; write rfi.fr".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        assert_eq!(host("www.RFI.fr").unwrap(), "rfi.fr");
        assert_eq!(host("https://m.rfi.fr/cn/x").unwrap(), "rfi.fr");
        assert_eq!(host("雨.example").unwrap(), "xn--ep5a.example");
        assert!(host("").is_err());
        assert!(host("a b").is_err());
    }

    #[test]
    fn other_values() {
        assert_eq!(language("ZH").unwrap().as_str(), "zh");
        for text in ["", "zh-Hant", "Chinese", "cn"] {
            assert!(language(text).is_err(), "{text}");
        }
        assert_eq!(run("last"), Ok(WhichRun::Last));
        assert_eq!(run("12"), Ok(WhichRun::Number(12)));
        for text in ["", "0", "-1", "first", "1.5"] {
            assert!(run(text).is_err(), "{text}");
        }
        for text in ["2024", "7d", "yesterday"] {
            assert!(day(text).is_ok(), "{text}");
        }
        assert!(day("99999999999d").is_err());
        assert!(name(" ").is_err());
    }
}
