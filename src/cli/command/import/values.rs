//! Values of options: addresses, times, sizes.

use crate::cli::terminal::render;
use seedbank::Timestamp;
use seedbank::internals::extract::canonical_url;
use seedbank::internals::model::WrittenTime;

pub fn parse_url(text: &str) -> Result<String, String> {
    match canonical_url(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("not an address of the web; write https://news.example/a".into()),
    }
}

pub fn parse_time(text: &str) -> Result<Timestamp, String> {
    let time = WrittenTime::read(text).map(|time| time.at);
    time.ok_or_else(|| "not a time; write 2024-03-04T08:00:00Z or 2024-03-04".into())
}

/// `64M` and `64MiB` count in 1,024s, `64MB` in 1,000s.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|character: char| !character.is_ascii_digit());
    let number: u64 = digits.parse().map_err(|_| "not a size; write 500000, 64M, 64MiB or 10k")?;
    let factor: u64 = match text[digits.len()..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        unit => {
            let unit = render::one_line(unit);
            return Err(format!("the unit \"{unit}\" is unknown; use k, M or G"));
        }
    };
    number.checked_mul(factor).ok_or_else(|| "the size is too large".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<u64>) {
        assert_eq!(parse_size(text).ok(), expected, "{text}");
    }

    #[test]
    fn sizes() {
        check("0", Some(0));
        check("500000", Some(500_000));
        check("10k", Some(10_240));
        check("64M", Some(64 << 20));
        check("64MiB", Some(64 << 20));
        check("64 mib", Some(64 << 20));
        check("1MB", Some(1_000_000));
        check("2G", Some(2 << 30));
        check("", None);
        check("M", None);
        check("-1", None);
        check("1.5M", None);
        check("1x", None);
        check("99999999999G", None);
    }
}
