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
        "2024-03-04T08:00:00 (UTC +08:00)",
        "2024-03-04 08:00:00 UTC +08:00",
        "Mon, 4 Mar 2024 08:00:00 HKT",
        "2024-03-04 09:00:00 JST",
        "2024年3月4日 8时00分00秒 UTC+08:00",
    ];
    check(Precision::Second, "2024-03-04T00:00:00Z", &spellings);
    let minutes = [
        "2024-03-04T08:00+08:00",
        "2024-03-04T00:00Z",
        "20240304T0000Z",
        "March 4, 2024 12:00 AM UTC",
        "Mar 4, 2024 at 8:00 am GMT+8",
        "00:00, 4 March 2024 (UTC)",
        "2024-03-04 08:00 (GMT+8)",
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
fn surroundings_of_a_day_do_not_matter() {
    let spellings = [
        "2024-03-05 10:20:30 CST",
        "2024-03-05 10:20:30 北京时间",
        "北京時間2024-03-05 10:20",
        "2024-03-05 10:20:30 Asia/Shanghai",
        "2024-03-05 10:20:30 America/Argentina/Buenos_Aires",
        "2024-03-05T10:20:30[Asia/Shanghai]",
        "Tue Mar  5 10:20:30 CST 2024",
        "2024-03-05 10:20 CST+0800",
        "March 5, 2024 10:20 AM Beijing time",
        "March 5, 2024 10:20 AM Eastern Standard Time",
        "Tuesday 5 March 2024 10.20",
        "2024-03-05Z",
        "2024-03-05 pm",
    ];
    check(Precision::Day, "2024-03-05T00:00:00Z", &spellings);
    check(Precision::Minute, "2024-03-05T10:20:00Z", &["Tuesday 5 March 2024 10.20 GMT"]);
    check(Precision::Second, "2024-03-05T02:20:30Z", &["2024-03-05 10:20:30 +0800 (北京时间)"]);
}

#[test]
fn days_in_other_languages() {
    let spellings = [
        "２０２４年３月２５日",
        "２０２４／３／２５　１０：２０",
        "2024년 3월 25일",
        "2024년 3월 25일 월요일 오후 3시 20분",
        "2024. 3. 25.",
        "2024年3月25日 月曜日 午後3時20分",
        "25.03.2024",
        "25. 3. 2024",
        "03/25/2024",
        "25/3/2024 10:20",
        "25-03-2024",
        "25. März 2024",
        "Montag, 25. März 2024, 15.20 Uhr",
        "lundi 25 mars 2024",
        "lunes, 25 de marzo de 2024",
        "segunda-feira, 25 de março de 2024",
        "lunedì 25 marzo 2024",
    ];
    check(Precision::Day, "2024-03-25T00:00:00Z", &spellings);
    check(
        Precision::Day,
        "2024-05-01T00:00:00Z",
        &["1er mai 2024", "1º de mayo de 2024", "1. Mai 2024"],
    );
    check(Precision::Day, "2024-05-05T00:00:00Z", &["05/05/2024"]);
}

#[test]
fn invalid_and_ambiguous_dates_are_not_read() {
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
        "0",
        "1709510400",
        "010-12345678",
        "36.5 37.2",
        "19 分钟前",
        "2024-13-13",
        "13.13.2024",
        "3.4.24",
        "5 apples 2024",
        "2024-03-04 and more",
        "2024-03-04 时间",
        "1403/12/15",
        "2567-03-05",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
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
