//! `median(y)`, `percentile(y, p)`, `percentile_cont(y, p)` and `percentile_disc(y, p)`, as the `sqlite3` shell has
//! them: aggregates and window functions. SQLite's own are left out of its usual builds.

use crate::error::Result;
use rusqlite::Connection;
use rusqlite::Error::UserFunctionError;
use rusqlite::functions::{Aggregate, Context, FunctionFlags, WindowAggregate};
use rusqlite::types::ValueRef;

/// Maximum number of values of a group: 256 MiB, which SQLite's own limit of memory does not see.
const MAX_VALUES: usize = 32 << 20;
/// Fractions of different rows that differ by less are the same.
const SAME: f64 = 0.001;

/// One of the functions.
#[derive(Clone, Copy)]
struct Percentile {
    name: &'static str,
    /// What the second argument is for all values; without one, it is the median.
    whole: Option<f64>,
    /// Whether the result is one of the values, and not between two.
    is_discrete: bool,
}

const FUNCTIONS: [Percentile; 4] = [
    Percentile { name: "median", whole: None, is_discrete: false },
    Percentile { name: "percentile", whole: Some(100.0), is_discrete: false },
    Percentile { name: "percentile_cont", whole: Some(1.0), is_discrete: false },
    Percentile { name: "percentile_disc", whole: Some(1.0), is_discrete: true },
];

/// Defines all of them.
pub(super) fn define(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    for function in FUNCTIONS {
        let arguments = if function.whole.is_some() { 2 } else { 1 };
        connection.create_window_function(function.name, arguments, flags, function)?;
    }
    Ok(())
}

/// The values of a group or window.
#[derive(Default)]
struct Values {
    fraction: Option<f64>,
    numbers: Vec<f64>,
    is_sorted: bool,
}

impl Values {
    fn sort(&mut self) {
        if !self.is_sorted {
            self.numbers.sort_unstable_by(f64::total_cmp);
            self.is_sorted = true;
        }
    }

    /// Where a number is, or would be, among the sorted ones.
    fn place(&self, number: f64) -> usize {
        self.numbers.partition_point(|&other| other < number)
    }
}

impl Percentile {
    fn error(&self, what: &str) -> rusqlite::Error {
        UserFunctionError(format!("{}(): {what}", self.name).into())
    }

    /// The second argument as a fraction.
    fn fraction(&self, context: &Context<'_>) -> rusqlite::Result<f64> {
        let Some(whole) = self.whole else {
            return Ok(0.5);
        };
        let number = match context.get_raw(1) {
            ValueRef::Integer(number) => Some(number as f64),
            ValueRef::Real(number) => Some(number),
            ValueRef::Text(text) => {
                std::str::from_utf8(text).ok().and_then(|it| it.trim().parse().ok())
            }
            ValueRef::Null | ValueRef::Blob(_) => None,
        };
        let fraction = number.map(|number| number / whole).filter(|it| (0.0..=1.0).contains(it));
        fraction.ok_or_else(|| {
            self.error(&format!("the second argument is not a number from 0 to {whole:.0}"))
        })
    }

    /// The first argument; `None` for NULL.
    fn number(&self, context: &Context<'_>) -> rusqlite::Result<Option<f64>> {
        match context.get_raw(0) {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(number) => Ok(Some(number as f64)),
            ValueRef::Real(number) if number.is_infinite() => {
                Err(self.error("a value is infinite"))
            }
            ValueRef::Real(number) => Ok(Some(number)),
            ValueRef::Text(_) | ValueRef::Blob(_) => Err(self.error("a value is not a number")),
        }
    }

    /// The number at the fraction of the way from the least to the greatest.
    fn result(&self, values: &mut Values) -> Option<f64> {
        values.sort();
        let last = values.numbers.len().checked_sub(1)?;
        let place = values.fraction? * last as f64;
        let below = place as usize;
        let (low, high) = (values.numbers[below], values.numbers[(below + 1).min(last)]);
        if self.is_discrete { Some(low) } else { Some(low + (high - low) * (place - below as f64)) }
    }
}

impl Aggregate<Values, Option<f64>> for Percentile {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<Values> {
        Ok(Values::default())
    }

    fn step(&self, context: &mut Context<'_>, values: &mut Values) -> rusqlite::Result<()> {
        let fraction = self.fraction(context)?;
        if (*values.fraction.get_or_insert(fraction) - fraction).abs() > SAME {
            return Err(self.error("the second argument is not the same in all rows"));
        }
        let Some(number) = self.number(context)? else {
            return Ok(());
        };
        if values.numbers.len() >= MAX_VALUES {
            return Err(self.error(&format!("more than {MAX_VALUES} values")));
        }
        // A window asks for its value after each row.
        if values.is_sorted {
            let place = values.place(number);
            values.numbers.insert(place, number);
        } else {
            values.numbers.push(number);
        }
        Ok(())
    }

    fn finalize(
        &self,
        _: &mut Context<'_>,
        values: Option<Values>,
    ) -> rusqlite::Result<Option<f64>> {
        Ok(values.and_then(|mut values| self.result(&mut values)))
    }
}

impl WindowAggregate<Values, Option<f64>> for Percentile {
    fn value(&self, values: Option<&mut Values>) -> rusqlite::Result<Option<f64>> {
        Ok(values.and_then(|values| self.result(values)))
    }

    fn inverse(&self, context: &mut Context<'_>, values: &mut Values) -> rusqlite::Result<()> {
        if let Some(number) = self.number(context)? {
            values.sort();
            let place = values.place(number);
            if values.numbers.get(place) == Some(&number) {
                values.numbers.remove(place);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(sql: &str) -> std::result::Result<Vec<Option<f64>>, String> {
        let connection = Connection::open_in_memory().unwrap();
        define(&connection).unwrap();
        let answer = (|| {
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map([], |row| row.get(0))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })();
        answer.map_err(|error| error.to_string())
    }

    /// What the functions of SQLite itself answer.
    #[test]
    fn groups() {
        let check = |expression: &str, rows: &str, expected: Option<f64>| {
            let sql = format!(
                "SELECT {expression} FROM (SELECT NULL AS y WHERE 0 UNION ALL VALUES {rows})"
            );
            assert_eq!(ask(&sql), Ok(vec![expected]), "{sql}");
        };
        check("median(y)", "(3), (1), (2)", Some(2.0));
        check("median(y)", "(1), (2), (NULL), (4), (10.5)", Some(3.0));
        check("median(y)", "(7)", Some(7.0));
        check("median(y)", "(NULL)", None);
        let nine = "(11), (1), (4), (6), (7), (8), (9), (11), (11)";
        check("percentile(y, 0)", nine, Some(1.0));
        check("percentile(y, 100)", nine, Some(11.0));
        check("percentile(y, '50')", nine, Some(8.0));
        check("round(percentile(y, 15), 6)", nine, Some(4.4));
        check("percentile_cont(y, 0.125)", nine, Some(4.0));
        check("percentile_disc(y, 0.2)", nine, Some(4.0));
        check("percentile_disc(y, 1)", nine, Some(11.0));
        assert_eq!(ask("SELECT median(1) WHERE 0"), Ok(vec![None]));
    }

    #[test]
    fn windows() {
        let over = |frame: &str, expected: &[f64]| {
            let sql = format!(
                "SELECT median(column1) OVER (ORDER BY column2 {frame})
                 FROM (VALUES (5, 1), (1, 2), (4, 3), (4, 4), (2, 5)) ORDER BY column2"
            );
            let expected: Vec<_> = expected.iter().copied().map(Some).collect();
            assert_eq!(ask(&sql), Ok(expected), "{sql}");
        };
        over("", &[5.0, 3.0, 4.0, 4.0, 4.0]);
        over("ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING", &[3.0, 4.0, 4.0, 4.0, 3.0]);
        over("ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", &[4.0, 3.0, 4.0, 3.0, 2.0]);
    }

    #[test]
    fn values_that_have_no_percentile() {
        let check = |expression: &str, expected: &str| {
            let answer = ask(&format!("SELECT {expression} FROM (VALUES (1, 10), (2, 20))"));
            assert!(
                answer.as_ref().is_err_and(|it| it.contains(expected)),
                "{expression}: {answer:?}"
            );
        };
        check("median('a')", "median(): a value is not a number");
        check("median(x'00')", "median(): a value is not a number");
        check("median(9e999)", "median(): a value is infinite");
        check("percentile(1, 101)", "not a number from 0 to 100");
        check("percentile(1, NULL)", "not a number from 0 to 100");
        check("percentile(1, 'x')", "not a number from 0 to 100");
        check(
            "percentile_cont(1, 1.1)",
            "percentile_cont(): the second argument is not a number from 0 to 1",
        );
        check("percentile(1, column2)", "not the same in all rows");
    }
}
