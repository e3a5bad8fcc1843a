//! Points in time as Docker writes them: RFC 3339, UTC, nanoseconds without trailing zeros.

use std::time::{SystemTime, UNIX_EPOCH};

const DAY: i64 = 86_400;

/// Now.
#[must_use]
pub fn now() -> String {
    let since = since_1970();
    format(i64::try_from(since.as_secs()).unwrap_or(i64::MAX), since.subsec_nanos())
}

/// Now, always thirty characters long.
#[must_use]
pub fn stamp() -> String {
    let since = since_1970();
    let text = format(i64::try_from(since.as_secs()).unwrap_or(i64::MAX), 0);
    format!("{}.{:09}Z", text.trim_end_matches('Z'), since.subsec_nanos())
}

/// The second that it is now, counted from 1970.
#[must_use]
pub fn now_seconds() -> i64 {
    i64::try_from(since_1970().as_secs()).unwrap_or(i64::MAX)
}

fn since_1970() -> std::time::Duration {
    // A clock that stands before 1970 was never set.
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Seconds since 1970 as text.
#[must_use]
pub fn format(seconds: i64, nanoseconds: u32) -> String {
    let (year, month, day) = date(seconds.div_euclid(DAY));
    let rest = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if nanoseconds > 0 {
        text.push_str(format!(".{nanoseconds:09}").trim_end_matches('0'));
    }
    text.push('Z');
    text
}

/// The second that text such as `2026-11-24T06:37:23.5Z` names; an offset (`+01:00`) is heeded, a fraction is cut.
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let separators = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")];
    if separators.iter().any(|(at, expected)| text.get(*at..at + 1) != Some(expected)) {
        return None;
    }
    let day = days(number(0, 4)?, number(5, 7)?, number(8, 10)?)?;
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let zone = text.get(19..)?.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let offset = match zone.as_bytes() {
        b"Z" => 0,
        [sign @ (b'+' | b'-'), ..] => {
            let minutes = zone.get(1..3)?.parse::<i64>().ok()? * 60 + zone.get(4..6)?.parse::<i64>().ok()?;
            if *sign == b'+' { minutes * 60 } else { -minutes * 60 }
        }
        _ => return None,
    };
    Some(day * DAY + hour * 3600 + minute * 60 + second - offset)
}

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar.
///
/// Counts from the first of March, so that the day a leap year adds is the last of its year; 400 years are 146,097 days.
fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = year_of_era + era * 400 + i64::from(month >= 10);
    (year, if month < 10 { month + 3 } else { month - 9 }, day)
}

/// The inverse of [`date`].
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (4_102_444_800, "2100-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(format(seconds, 0), text);
            assert_eq!(parse(text), Some(seconds));
        }
        assert_eq!(format(0, 575_956_600), "1970-01-01T00:00:00.5759566Z");
        assert_eq!(parse("2017-12-15T21:29:20.582306587+08:00"), parse("2017-12-15T13:29:20Z"));
        for bad in ["", "now", "2017-12-15", "2017-13-15T00:00:00Z", "2017-12-15T00:00:00", "2017-12-15 00:00:00Z"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
