//! `-p NAME=VALUE`.

use seedbank::Cell;

/// A name and its value; a number if it looks like one.
pub fn parse_parameter(text: &str) -> Result<(String, Cell<'static>), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    let name = name.trim_start_matches([':', '@', '$']);
    if name.is_empty() {
        return Err("the name is missing; write it as NAME=VALUE".into());
    }
    Ok((name.to_owned(), parse_value(value)))
}

/// A number only if writing it gives the same text again: `007` and `1e5` stay texts.
fn parse_value(value: &str) -> Cell<'static> {
    if let Ok(number) = value.parse::<i64>()
        && number.to_string() == value
    {
        return Cell::Integer(number);
    }
    let looks_real = value.contains('.')
        && value.starts_with(|first: char| first.is_ascii_digit() || first == '-')
        && value.ends_with(|last: char| last.is_ascii_digit());
    match value.parse::<f64>() {
        Ok(number) if looks_real && number.is_finite() => Cell::Real(number),
        _ => value.to_owned().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, Cell<'static>)>) {
        let expected = expected.map(|(name, value)| (name.to_owned(), value));
        assert_eq!(parse_parameter(text).ok(), expected, "{text}");
    }

    #[test]
    fn parameters() {
        check("a=1", Some(("a", Cell::Integer(1))));
        check(":a=-1", Some(("a", Cell::Integer(-1))));
        check("a=1.5", Some(("a", Cell::Real(1.5))));
        check("a=007", Some(("a", "007".into())));
        check("a=", Some(("a", "".into())));
        check("a=b=c", Some(("a", "b=c".into())));
        check("a=2024-02-04", Some(("a", "2024-02-04".into())));
        check("a=inf", Some(("a", "inf".into())));
        check("a=1.2.3", Some(("a", "1.2.3".into())));
        check("a=99999999999999999999", Some(("a", "99999999999999999999".into())));
        check("a", None);
        check("=1", None);
    }
}
