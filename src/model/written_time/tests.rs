//! Tests of times as written.

use super::*;
use chrono::{FixedOffset, TimeZone};
use proptest::prelude::*;

#[track_caller]
fn check(precision: Precision, time: &str, spellings: &[&str]) {
    for written in spellings {
        let found = WrittenTime::read(written);
        let shown = found.map(|found| (found.at.to_string(), found.precision));
        assert_eq!(shown, Some((time.to_owned(), precision)), "{written}");
    }
}

#[test]
fn moments_have_a_zone() {
    let spellings = [
        "2024-03-04T00:00:00Z",
        "2024-03-04T08:00:00+08:00",
        "2024-03-04T08:00:00.123+0800",
        "2024-03-04T08:00:00,5+08",
        "20240304T000000Z",
        "20240304T080000+0800",
        "2024-03-03T24:00:00Z",
        "2024-03-04 00:00:00 UTC",
        "2024-03-04 08:00:00 +0800",
        "2024-03-04 08:00:00 +0800 CST",
        "2024-03-04 08:00:00.12 +0800 +08 m=+0.001",
        "2024-03-04T08:00:00+08:00[Asia/Shanghai]",
        "2024-03-03T19:00:00−05:00",
        "Mon, 04 Mar 2024 00:00:00 GMT",
        "Tue, 04 Mar 2024 00:00:00 GMT",
        "4 Mar 2024 08:00:00 +0800",
        "Sun, 03 Mar 2024 19:00:00 EST",
        "Monday, 04-Mar-24 00:00:00 GMT",
        "Mon Mar 04 2024 08:00:00 GMT+0800 (中国标准时间)",
        "Mon Mar  4 00:00:00 UTC 2024",
        "Mon Mar 04 00:00:00 +0000 2024",
        "2024/3/4 8:00:00 UTC+8",
        "2024年3月4日 8时00分00秒 UTC+08:00",
    ];
    check(Precision::Second, "2024-03-04T00:00:00Z", &spellings);
    let minutes = [
        "2024-03-04T08:00+08:00",
        "2024-03-04T00:00Z",
        "20240304T0000Z",
        "March 4, 2024 12:00 AM UTC",
        "Mar 4, 2024 at 8:00 am GMT+8",
        "2024年3月4日 星期一 上午8:00 GMT+8",
    ];
    check(Precision::Minute, "2024-03-04T00:00:00Z", &minutes);
    check(Precision::Second, "2016-12-31T23:59:59Z", &["2016-12-31T23:59:60Z"]);
    check(Precision::Minute, "2024-03-04T12:30:00Z", &["2024-03-04 12:30 pm UTC"]);
}

#[test]
fn without_a_zone_it_is_a_day() {
    let spellings = [
        "2024-03-04",
        "2024/3/4",
        "2024.03.04",
        "20240304",
        "2024-03-04T08:00:00",
        "2024-03-04 23:59",
        "2024年3月4日",
        "2024年03月04日 星期一",
        "2024年3月4日下午3点20分",
        "March 4, 2024",
        "Mar. 4th, 2024",
        "4 March 2024",
        "04-Mar-2024",
        "Monday, 4 March 2024",
        "Mon Mar  4 00:00:00 2024",
    ];
    check(Precision::Day, "2024-03-04T00:00:00Z", &spellings);
}

#[test]
fn what_is_none_or_could_be_two() {
    let none = [
        "",
        "now",
        "2024",
        "2024-03",
        "March 2024",
        "03/04/2024",
        "04.03.2024",
        "2024-13-04",
        "2024-02-30",
        "2024-03-04T25:00:00Z",
        "2024-03-04T00:61:00Z",
        "2024-03-04T00:00:00+99:00",
        "2024-03-04 2024-03-05",
        "2024-03-04 00:00 CST",
        "0",
        "1709510400",
        "010-12345678",
        "36.5 37.2",
        "19 分钟前",
        "2024-03-04Z",
        "2024-03-04 pm",
        "T00:00:00Z",
        "12:00",
        "Marble 4 2024",
        "2024-03/04",
    ];
    for written in none {
        assert_eq!(WrittenTime::read(written), None, "{written}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read(written in "\\PC{0,40}|[0-9TZ:+年月日 MaronGT-]{0,30}") {
        let _ = WrittenTime::read(&written);
    }

    #[test]
    fn iso_8601(seconds in 0..4_000_000_000_i64, east in -14..=14_i32) {
        let zone = FixedOffset::east_opt(east * 3600).unwrap();
        let written = zone.timestamp_opt(seconds, 0).unwrap().to_rfc3339();
        let found = WrittenTime::read(&written).unwrap();
        prop_assert_eq!((found.at.seconds(), found.precision), (seconds, Precision::Second));
    }
}
